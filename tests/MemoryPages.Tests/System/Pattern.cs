namespace MemoryPages.Tests.Effects;

/// <summary>Content that tells the pages apart and is nowhere zero.</summary>
internal static class Pattern
{
    public static byte At(nuint offset) => (byte)(1 + ((offset / PageSize.Base) + offset) % 255);

    public static byte[] Bytes(nuint length) => [.. Enumerable.Range(0, (int)length).Select(i => At((nuint)i))];

    public static void Fill(Pages<ReadWrite> pages)
    {
        using WriteView view = pages.Write();
        Bytes(view.Length).CopyTo(view.Span);
    }

    /// <summary>Whether the page holds what was written (true) or zeros only (false). Anything else fails the test.</summary>
    public static bool[] Kept(Pages<ReadWrite> pages)
    {
        using ReadView view = pages.Read();
        var kept = new bool[(int)(view.Length / PageSize.Base)];
        byte[] expected = Bytes(view.Length);
        for (int i = 0; i < kept.Length; i++)
        {
            Range range = (i * (int)PageSize.Base)..((i + 1) * (int)PageSize.Base);
            kept[i] = view.Span[range].IndexOfAnyExcept((byte)0) >= 0;
            Assert.True(!kept[i] || view.Span[range].SequenceEqual(expected.AsSpan(range)), $"Page {i} holds something that nobody wrote.");
        }

        return kept;
    }

    public static void AssertKept(Pages<ReadWrite> pages) => Assert.DoesNotContain(false, Kept(pages));

    public static void AssertZero(Pages<ReadWrite> pages)
    {
        using ReadView view = pages.Read();
        Assert.Equal(-1, view.Span.IndexOfAnyExcept((byte)0));
    }
}
