namespace MemoryPages.Scenarios;

/// <summary>What the scenarios about limits share: an error as lines that the parent reads.</summary>
internal static class LimitsTold
{
    /// <summary>Runs what must be refused and prints what it was told.</summary>
    public static void By(Action refused)
    {
        try
        {
            refused();
            Console.WriteLine("no error");
        }
        catch (MemoryPagesException told)
        {
            Console.WriteLine($"{told.Operation} {told.NativeCall} {told.ErrorSymbol} {told.Reason} {told.Size}");
            Console.WriteLine(told.Hint);
        }
    }

    /// <summary>Fails the scenario unless it is so.</summary>
    public static void Check(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new InvalidOperationException(what);
        }
    }
}
