using System.Globalization;
using System.Security.Cryptography;

namespace MemoryPages.Tests.Simulation;

/// <summary>A verb of the library on an object, whose calls of the system are refused.</summary>
/// <param name="Name">Unique.</param>
internal abstract partial record Verb(string Name)
{
    private const int EndlessCalls = 1000;

    /// <summary>Calls that are refused in turn: the others cannot be undone, as documented.</summary>
    public int MostCalls { get; init; } = EndlessCalls;

    /// <summary>
    /// The first call is refused, then the second, and so on until none is left to refuse. The verb does its work without that call, or its exception
    /// names the call and everything is as it was: so the verb succeeds when it is tried again. Nothing is left at the end either way.
    /// </summary>
    public void RefuseInTurn(SimulatedSystem system)
    {
        bool wasRefused = true;
        for (int call = 1; wasRefused && call <= MostCalls; call++)
        {
            wasRefused = Try(system, () => system.RefuseCall = call, () => system.RefuseCall = 0, $"{Name}, call {call}");
        }

        Assert.True(MostCalls != EndlessCalls || !wasRefused, $"{Name} makes calls without end.");
    }

    /// <summary>A system that never does it: the verb works without, or says so.</summary>
    /// <returns>Whether the verb asked for it.</returns>
    public bool RefuseAlways(SimulatedSystem system, string call) =>
        Try(system, () => system.RefuseMember = call, () => system.RefuseMember = null, $"{Name} without {call}");

    public override string ToString() => Name;

    /// <returns>Whether a call was refused.</returns>
    private protected abstract bool Try(SimulatedSystem system, Action refuse, Action allow, string what);
}

/// <inheritdoc />
/// <param name="Name">Unique.</param>
/// <param name="Prepare">Makes the object.</param>
/// <param name="Act">The verb; returns what came of it, if that is to be disposed too.</param>
internal sealed record Verb<T>(string Name, Func<T> Prepare, Func<T, IDisposable?> Act) : Verb(Name)
    where T : IDisposable
{
    /// <summary>A failure of the verb may destroy content, as documented: what is mapped and how is as it was.</summary>
    public bool MayLoseContent { get; init; }

    /// <summary>Addresses that were reserved on the way may stay so for the next time.</summary>
    public bool MayKeepAddresses { get; init; }

    private protected override bool Try(SimulatedSystem system, Action refuse, Action allow, string what)
    {
        bool wasRefused;
        T subject = Prepare();
        try
        {
            string before = State();
            refuse();
            try
            {
                Act(subject)?.Dispose();
                wasRefused = system.WasRefused is not null;
                allow();
            }
            catch (MemoryPagesException refused)
            {
                wasRefused = true;
                string? call = system.WasRefused;
                allow();
                Assert.True(call == refused.NativeCall || refused.ErrorSymbol != SimulatedSystem.RefusedSymbol, $"{what}: {call} was refused, and the error names {refused.NativeCall}: {refused}");
                string after = State();
                Assert.True(before == after, $"{what}: before{Environment.NewLine}{before}and after{Environment.NewLine}{after}");
                Act(subject)?.Dispose();
            }
            catch (Exception other)
            {
                allow();
                throw new InvalidOperationException($"{what}: {other.Message}", other);
            }
        }
        finally
        {
            allow();
            subject.Dispose();
        }

        try
        {
            SimulatedRun.AssertNothingLeft();
        }
        catch (Exception left)
        {
            throw new InvalidOperationException($"{what}: {left.Message}", left);
        }

        return wasRefused;
    }

    /// <summary>All that is mapped, and what it holds.</summary>
    private string State() => string.Concat(SimulatedRun.RangesInUse().Where(range => range.Page.IsMemory || !MayKeepAddresses).Select(range =>
        string.Create(CultureInfo.InvariantCulture, $"{range.Start:x} to {range.End:x} {range.Page} {(range.Page.IsMemory && !MayLoseContent ? Content(range) : "")}\n")));

    /// <summary>Of a file, whose length the system does not tell, what can be read.</summary>
    private static string Content(SimulatedRange range)
    {
        using FileStream memory = File.OpenRead("/proc/self/mem");
        memory.Position = (long)range.Start;
        byte[] content = new byte[range.Length];
        int read = 0;
        try
        {
            read = memory.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        }
        catch (IOException) when (range.Page.IsFile || range.Page.IsGuard)
        {
            // Behind the end of the file, or no content at all.
        }

        return $"{read} {Convert.ToHexString(SHA256.HashData(content))}";
    }
}
