namespace MemoryPages.Scenarios;

/// <summary>The other process that has pages.</summary>
internal static class NumaPeers
{
    /// <summary>Maps a file, has all of it in its tables, and keeps it until its input ends.</summary>
    [Scenario]
    public static int HoldPagesOfFile(string[] arguments)
    {
        using Pages<ReadOnly> pages = Pages.Map(arguments[0]);
        using (ReadView view = pages.Read())
        {
            for (nuint at = 0; at < view.Length; at += PageSize.Base)
            {
                _ = Volatile.Read(in view[at]);
            }
        }

        Console.WriteLine("holding");
        Console.In.ReadToEnd();
        return 0;
    }
}
