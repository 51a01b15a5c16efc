namespace MemoryPages.Scenarios;

/// <summary>A managed heap (DOTNET_GCHeapHardLimit) that is too small for what is asked of it.</summary>
internal static class LimitsOfSequences
{
    /// <summary>Half as many segments as there are addresses for, some hundred bytes each: thirty mebibytes are full on the way.</summary>
    [Scenario]
    public static int SequenceRunsOutOfMemory(string[] arguments)
    {
        using Pages<ReadWrite> pages = Pages.Allocate((nuint)1 << 46, new() { NoReserve = true });
        using (pages.AsSequence(new PageRange(0, 4)))
        {
            // Everything that takes part is there before the memory is not.
        }

        byte[][] ballast = new byte[1000][];
        try
        {
            for (int i = 0; i < ballast.Length; i++)
            {
                ballast[i] = new byte[1 << 20];
            }
        }
        catch (OutOfMemoryException)
        {
            ballast[0] = []; // and a mebibyte for the first segments
        }

        string told = "made";
        try
        {
            pages.AsSequence().Dispose();
        }
        catch (OutOfMemoryException)
        {
            told = "refused";
        }

        Array.Clear(ballast);
        Console.WriteLine($"{told} {pages.LeaseCount}");
        return 0;
    }
}
