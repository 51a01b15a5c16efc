namespace MemoryPages.Tests.Effects;

/// <summary>Physical frame numbers, from /proc/self/pagemap (bits 0 to 54). The kernel shows them to CAP_SYS_ADMIN only, zeros to others.</summary>
internal static class Frames
{
    public static bool CanSee => Kernel.IsRoot && Kernel.Map(0, PageSize.Base, 3, Kernel.PrivateAnonymous, -1, 0) is var page && Seen((nuint)page);

    public static ulong[] Of(nuint address, nuint length)
    {
        using FileStream pagemap = File.OpenRead(Needed.File("/proc/self/pagemap"));
        pagemap.Position = (long)(address / PageSize.Base * 8);
        var entries = new byte[length / PageSize.Base * 8];
        pagemap.ReadExactly(entries);
        return [.. Enumerable.Range(0, entries.Length / 8).Select(i => BitConverter.ToUInt64(entries, i * 8)).Select(entry => entry >> 63 == 0 ? 0 : entry & ((1ul << 55) - 1))];
    }

    private static unsafe bool Seen(nuint page)
    {
        Volatile.Write(ref *(byte*)page, 1);
        bool seen = Of(page, PageSize.Base)[0] != 0;
        _ = Kernel.Unmap((nint)page, PageSize.Base);
        return seen;
    }
}
