using MemoryPages.Testing;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Scenarios;

/// <summary>vm.max_map_count, reached by thousands of mapped files.</summary>
internal static class LimitsFiles
{
    private const int Most = 6000;

    /// <summary>
    /// Most of what is allowed is taken by strangers, so that some thousands of objects are made near the limit. Of a file each second page is
    /// mapped: the kernel would join neighbours.
    /// </summary>
    [Scenario]
    public static int MapFilesUntilNoMappingIsLeft(string[] arguments)
    {
        string path = arguments[0];
        using SafeFileHandle file = File.OpenHandle(path);
        WarmUp(file, path);
        return LimitsMappings.AtTheLimit(taken =>
        {
            var maps = new Pages<ReadOnly>?[Most];
            (nint area, nuint length) = LimitsMappings.TakeMappings(Math.Max(taken - 4000, 2));
            int made = 0;
            MemoryPagesException? told = null;
            while (told is null && made < Most)
            {
                told = LimitsMappings.Catch(() => maps[made] = Pages.Map(file, PageOf(made)));
                made += told is null ? 1 : 0;
            }

            MemoryPagesException? toldOfPath = LimitsMappings.Catch(() => Pages.Map(path, PageOf(made)).Dispose());
            bool all = true;
            for (int i = 0; i < made; i++)
            {
                all &= maps[i]!.Read<byte>(0) == 0;
                maps[i]!.Dispose();
            }

            _ = Kernel.Unmap(area, length);
            return () =>
            {
                LimitsTold.By(() => throw (Exception?)told ?? new InvalidOperationException("never refused"));
                LimitsTold.By(() => throw (Exception?)toldOfPath ?? new InvalidOperationException("never refused"));
                int left = File.ReadLines(Needed.File("/proc/self/maps")).Count(line => line.EndsWith(path));
                int open = new DirectoryInfo(Needed.File("/proc/self/fd")).GetFiles().Count(descriptor => descriptor.LinkTarget == path);
                Console.WriteLine($"thousands {made > 2000 && made < Most}, readable {all}, left {left}, open {open}");
            };
        });
    }

    private static FileMapOptions PageOf(int index) => new() { Offset = 2 * (index % 2) * (long)PageSize.Base, Length = PageSize.Base };

    /// <summary>Compiles what runs at the limit: success, and the same error by other means.</summary>
    private static void WarmUp(SafeFileHandle file, string path)
    {
        var options = new FileMapOptions { Length = 857 * PageSize.Base };
        Pages<ReadOnly> pages = Pages.Map(file, options);
        LimitsTold.Check(pages.Read<byte>(0) == 0, "zero");
        pages.Dispose();
        var failing = new FailingCall(SystemCallFailure.Mmap, SystemCallFailure.ENOMEM, options.Length);
        SystemCallFailure.During(
            () =>
            {
                LimitsTold.Check(LimitsMappings.Catch(() => Pages.Map(file, options).Dispose()) is not null, "warm");
                LimitsTold.Check(LimitsMappings.Catch(() => Pages.Map(path, options).Dispose()) is not null, "warm");
            },
            failing);
    }
}
