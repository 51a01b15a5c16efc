using System.Globalization;
using System.Text;
using MemoryPages.Platform.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform.Linux;

/// <summary>The pool of huge pages: read, and set (Documentation/admin-guide/mm/hugetlbpage.rst).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>Digits of a number that the kernel writes into a file of its own.</summary>
    private const int LongestNumber = 24;

    public override SystemError PoolTooSmall => new(LinuxPhysicalDiagnosis.SetPool, Errno.ENOMEM);

    public override HugePageCounters QueryHugePagePool(nuint size, int? node) => LinuxHugePages.Counters(size, node);

    /// <remarks>
    /// What is written is the number of pages that are to stay; what is read counts surplus pages too. The folder of that size is locked while the
    /// number is read, changed and written; not the file, which programs in .NET cannot even read when it is locked.
    /// </remarks>
    public override SystemError ChangeHugePagePool(nuint size, int? node, long change, out long changed)
    {
        changed = 0;
        using var setting = new SafeFileHandle();
        SystemError error = OpenFile($"{LinuxHugePages.Folder(size, node)}/nr_hugepages", forWriting: true, setting);
        if (error.Failed)
        {
            return new SystemError(LinuxPhysicalDiagnosis.SetPool, error.Code);
        }

        using var folder = new SafeFileHandle();
        error = LockFolder(LinuxHugePages.Folder(size), folder);
        if (error.Failed)
        {
            return error;
        }

        long before = Staying(size, node);
        error = WriteNumber(setting, Math.Max(before + change, 0));
        changed = Staying(size, node) - before;
        return error;
    }

    /// <summary>Until the handle is closed. Waits for who has it.</summary>
    private SystemError LockFolder(string path, SafeFileHandle folder)
    {
        SystemError error = OpenFile(path, forWriting: false, folder);
        if (error.Failed)
        {
            return error;
        }

        using var held = new HeldDescriptor(folder);
        while (NamedFileCalls.flock(held.Number, NamedFileCalls.LOCK_EX) != 0)
        {
            error = Errno.Last("flock");
            if (error.Code != Errno.EINTR)
            {
                return error;
            }
        }

        return SystemError.None;
    }

    private static long Staying(nuint size, int? node)
    {
        HugePageCounters pool = LinuxHugePages.Counters(size, node);
        return pool.Total - pool.Surplus;
    }

    private static SystemError WriteNumber(SafeFileHandle file, long number)
    {
        Span<char> digits = stackalloc char[LongestNumber];
        _ = number.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
        byte* text = stackalloc byte[LongestNumber];
        count = Encoding.ASCII.GetBytes(digits[..count], new Span<byte>(text, LongestNumber));
        return FileCalls.pwrite(file, text, (nuint)count, 0) == count ? SystemError.None : Errno.Last(LinuxPhysicalDiagnosis.SetPool);
    }
}
