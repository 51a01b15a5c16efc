using MemoryPages.Tests.Reserved;
using MemoryPages.Unsafe;
using MemoryPages.Tests.Simulation;
using static MemoryPages.Tests.Virtual.VirtualBufferWitness;

namespace MemoryPages.Tests.Virtual;

/// <summary>Random steps, beside an array of what each page must be; after each step the kernel's table and the content are compared.</summary>
[OnEverySystem]
public sealed class VirtualBufferModelTests
{
    private const int Count = 12;
    private const int Steps = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void After_any_steps_each_page_is_what_was_made_of_it(int seed)
    {
        // Few pages and ranges at any byte: boundaries are met often.
        var random = new Noise((ulong)seed);
        using VirtualBuffer buffer = VirtualBuffer.Reserve(Count * Page);
        var model = new State[Count];
        for (int step = 0; step < SimulatedRun.Share(Steps); step++)
        {
            nuint start = (nuint)random.Next((int)buffer.Length);
            nuint end = Math.Min(buffer.Length, start + (nuint)random.Next(5 * (int)Page));
            if (random.Next(2) == 0)
            {
                (start, end) = (PageSize.AlignDown(start, Page), PageSize.AlignUp(end, Page));
            }

            int verb = random.Next(9);
            Step(buffer, model, verb, PageRange.FromBounds(start, end), (byte)(1 + random.Next(255)));
            AssertSame(buffer, model, $"seed {seed}, step {step}, verb {verb}, {start} to {end}");
        }
    }

    private static void Step(VirtualBuffer buffer, State[] model, int verb, PageRange range, byte value)
    {
        bool isInward = verb is 2 or 3 or 7 or 8;
        (int first, int end) = range.Length == 0 ? (0, 0) : isInward
            ? ((int)(PageSize.AlignUp(range.Offset, Page) / Page), (int)((range.Offset + range.Length) / Page))
            : ((int)(range.Offset / Page), (int)(PageSize.AlignUp(range.Offset + range.Length, Page) / Page));
        Span<State> part = model.AsSpan(first, Math.Max(0, end - first));
        bool isMemory = true;
        bool isGuard = true;
        bool isWritable = true;
        foreach (State state in part)
        {
            isMemory &= state.Access is not null && !state.IsGuard;
            isGuard &= state.IsGuard;
            isWritable &= state.Access == "rw-" && !state.IsGuard;
        }

        switch (verb)
        {
            case 0 or 1:
                buffer.Commit(range);
                Change(part, state => state.Access is null ? new State("rw-", false, 0) : state);
                break;
            case 2:
                buffer.Decommit(range);
                Change(part, _ => default);
                break;
            case 3:
                buffer.Discard(range);
                Change(part, state => state with { Value = 0 });
                break;
            case 4:
                Expect(isWritable, () => Fill(buffer, PageRange.FromBounds((nuint)first * Page, (nuint)end * Page), value));
                Change(part, state => isWritable ? state with { Value = value } : state);
                break;
            case 5:
                Expect(isMemory, () => buffer.Protect<ReadOnly>(range));
                Change(part, state => isMemory ? state with { Access = "r--" } : state);
                break;
            case 6:
                Expect(isMemory, () => buffer.Protect<ReadWrite>(range));
                Change(part, state => isMemory ? state with { Access = "rw-" } : state);
                break;
            case 7:
                Expect(isMemory, () => buffer.InstallGuard(range));
                Change(part, state => isMemory ? state with { IsGuard = true, Value = 0 } : state);
                break;
            default:
                Expect(isGuard, () => buffer.RemoveGuard(range));
                Change(part, state => isGuard ? new State("rw-", false, 0) : state);
                break;
        }
    }

    private static void AssertSame(VirtualBuffer buffer, State[] model, string when)
    {
        string[] access = Access(buffer);
        for (int i = 0; i < Count; i++)
        {
            State state = model[i];
            bool isReadable = state.Access is not null && !state.IsGuard;
            string expected = state.IsGuard && !UncheckedAdvice.GuardInstall.IsSupported ? "---" : state.Access ?? "---";
            Assert.True(expected == access[i], $"Page {i} is {access[i]}, not {expected}: {when}.");
            Assert.True(isReadable == CanRead(buffer, Pages(i)), $"Page {i}, which is {state}: {when}.");
            Assert.True((isReadable && state.Access == "rw-") == CanWrite(buffer, Pages(i)), $"Page {i}, which is {state}: {when}.");
            if (isReadable)
            {
                AssertHolds(buffer, Pages(i), state.Value);
            }
        }

        Assert.Equal((nuint)model.Count(state => state.Access is not null) * Page, buffer.CommittedBytes);
    }

    private static void Expect(bool isLegal, Action action)
    {
        if (isLegal)
        {
            action();
        }
        else
        {
            Assert.Throws<InvalidOperationException>(action);
        }
    }

    private static void Change(Span<State> part, Func<State, State> change)
    {
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = change(part[i]);
        }
    }

    /// <summary>A page: its access in the kernel's table, null when it is not committed.</summary>
    private readonly record struct State(string? Access, bool IsGuard, byte Value);
}
