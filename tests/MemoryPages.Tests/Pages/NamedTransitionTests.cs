using static MemoryPages.Tests.Witness;

namespace MemoryPages.Tests;

/// <summary>The types on the left are the assertion that the compiler checks; smaps says whether the system agrees.</summary>
public sealed class NamedTransitionTests
{
    [Fact]
    public void From_NoAccess()
    {
        Check<NoAccess, ReadOnly>(p => p.AllowRead());
        Check<NoAccess, WriteOnly>(p => p.AllowWrite());
        Check<NoAccess, ExecuteOnly>(p => p.AllowExecute());
    }

    [Fact]
    public void From_ReadOnly()
    {
        Check<ReadOnly, NoAccess>(p => p.DenyRead());
        Check<ReadOnly, ReadWrite>(p => p.AllowWrite());
        Check<ReadOnly, ReadExecute>(p => p.AllowExecute());
    }

    [Fact]
    public void From_ReadWrite()
    {
        Check<ReadWrite, WriteOnly>(p => p.DenyRead());
        Check<ReadWrite, ReadOnly>(p => p.DenyWrite());
        Check<ReadWrite, ReadExecute>(p => p.AllowExecuteDenyWrite());
    }

    [Fact]
    public void From_WriteOnly()
    {
        Check<WriteOnly, ReadWrite>(p => p.AllowRead());
        Check<WriteOnly, NoAccess>(p => p.DenyWrite());
        Check<WriteOnly, ExecuteOnly>(p => p.AllowExecuteDenyWrite());
    }

    [Fact]
    public void From_ExecuteOnly()
    {
        Check<ExecuteOnly, ReadExecute>(p => p.AllowRead());
        Check<ExecuteOnly, WriteOnly>(p => p.AllowWriteDenyExecute());
        Check<ExecuteOnly, NoAccess>(p => p.DenyExecute());
    }

    [Fact]
    public void From_ReadExecute()
    {
        Check<ReadExecute, ExecuteOnly>(p => p.DenyRead());
        Check<ReadExecute, ReadWrite>(p => p.AllowWriteDenyExecute());
        Check<ReadExecute, ReadOnly>(p => p.DenyExecute());
    }

    [Fact]
    public void There_are_no_names_but_these()
    {
        // A new name needs a new line above.
        var names = typeof(PagesTransitions).GetMethods().Where(m => m.IsStatic && m.IsPublic);
        Assert.Equal(18, names.Count());
    }

    private static void Check<TFrom, TTo>(Func<Pages<TFrom>, Pages<TTo>> transition)
        where TFrom : struct, IProtection
        where TTo : struct, IProtection
    {
        Pages<TFrom> from = Pages.Allocate<TFrom>(1);
        using Pages<TTo> to = transition(from);
        Assert.Equal(Expected<TTo>(), AccessOf(to));
        Assert.False(from.IsUsable);
    }
}
