using System.Text.Unicode;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.MappingCalls;
using static MemoryPages.Platform.Linux.Native.MemoryFileCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>The same memory at two addresses.</summary>
internal sealed partial class LinuxMemorySystem
{
    /// <summary>
    /// A file in memory, mapped twice. The descriptor is closed on every path: the two mappings keep the file, and it ends with them.
    /// </summary>
    public override SystemError MapMirrored(nuint length, string? name, out MappedRange range)
    {
        range = default;
        if (length > nuint.MaxValue / 2)
        {
            return new SystemError("mmap", Errno.ENOMEM); // what the kernel would say, without the double overflowing on the way
        }

        if (ExceedsFileSizeLimit(length))
        {
            return new SystemError("ftruncate", Errno.EFBIG);
        }

        SystemError error = CreateMemoryFile(name, out int file);
        if (error.Failed)
        {
            return error;
        }

        error = ftruncate(file, (long)length) == 0 ? SystemError.None : Errno.Last("ftruncate");
        if (!error.Failed)
        {
            error = MapTwice(file, length, out range);
        }

        _ = close(file); // on Linux the descriptor is gone even where this reports an error
        return error;
    }

    /// <summary>
    /// One mapping twice as long as the file takes all the addresses and is the first half already; the file is mapped again over its second half,
    /// behind which there is no file. No other thread can be given an address of it at any moment.
    /// </summary>
    private SystemError MapTwice(int file, nuint length, out MappedRange range)
    {
        const int Access = PROT_READ | PROT_WRITE;
        range = default;
        nuint address = mmap(0, 2 * length, Access, MAP_SHARED, file, 0);
        if (address == MAP_FAILED)
        {
            return Errno.Last("mmap");
        }

        if (mmap(address + length, length, Access, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
        {
            SystemError error = Errno.Last("mmap");
            _ = Unmap(address, 2 * length);
            return error;
        }

        range = new MappedRange(address, address, 2 * length);
        return SystemError.None;
    }

    /// <summary>The name, which the list of mappings shows as <c>/memfd:name</c>, is cut to what the kernel takes.</summary>
    private static unsafe SystemError CreateMemoryFile(string? name, out int file)
    {
        byte* text = stackalloc byte[LongestName + 1];
        _ = Utf8.FromUtf16(name ?? "MemoryPages", new Span<byte>(text, LongestName), out _, out int count);
        text[count] = 0;

        file = memfd_create(text, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
        if (file >= 0)
        {
            return SystemError.None;
        }

        SystemError error = Errno.Last("memfd_create");
        if (error.Code != Errno.EINVAL)
        {
            return error;
        }

        file = memfd_create(text, MFD_CLOEXEC);
        return file >= 0 ? SystemError.None : Errno.Last("memfd_create");
    }
}
