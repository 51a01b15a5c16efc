using System.Diagnostics;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>Registers of a device, mapped into this process: each access is one load or store of exactly the width that its name says.</summary>
/// <remarks>
/// <para>
/// Width: devices answer whole registers. The JIT would narrow an ordinary or volatile read whose value is masked afterwards; these accessors it
/// cannot.
/// </para>
/// <para>
/// Order: accesses to one device reach it in the order of the program. What was written to memory before a register is written is there for the
/// device to read: a descriptor first, then the doorbell. What is read from memory after a register was read is what the device had written before it
/// set that register. On x86-64 the processor sees to it for memory that it caches; on arm64 these are its acquiring loads and releasing stores. A
/// written register is under way, not arrived: read any register of the same device to wait for it.
/// </para>
/// <para>
/// Byte order: the processor's, which is little-endian as PCI's is on every machine that this library runs on; nothing is swapped.
/// </para>
/// <para>
/// Safe to use from any thread, as far as the device is. Each accessor takes a lease for its one access, some nanoseconds beside an access that costs
/// hundreds; a loop takes one for all (<see cref="Access"/>).
/// </para>
/// </remarks>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class DeviceRegisters : IDisposable
{
    private readonly MappingHandle _mapping;

    private DeviceRegisters(MappingHandle mapping) => _mapping = mapping;

    /// <summary>The number of bytes.</summary>
    [UsableWhenSpent]
    public nuint Length => _mapping.Length;

    /// <summary>The file that they were mapped from, or the name that was given.</summary>
    [UsableWhenSpent]
    public string? Name => _mapping.Name;

    /// <summary>The number of open views. For diagnosis.</summary>
    [UsableWhenSpent]
    public long LeaseCount => _mapping.Leases;

    private string DebuggerDisplay => $"{Length:N0} bytes of {Name ?? "a device"}{(_mapping.IsClosed ? ", disposed" : "")}";

    /// <summary>Maps registers from a file that the kernel has for them: a PCI <c>resourceN</c>, a map of <c>/dev/uioN</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="range">Which bytes of it; null for all, where the file has a length.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened so.</exception>
    /// <exception cref="ArgumentException">The file tells no length: a range is needed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty, or not within the file.</exception>
    /// <exception cref="MemoryPagesException">The system refused: it is no device memory, or a driver of the kernel has it.</exception>
    /// <remarks>
    /// Nothing looks whether a driver of the kernel works with the same registers: <see cref="PciDevice.MapResource"/> does. Linux: mmap(2), shared;
    /// the kernel makes the mapping of a PCI resource uncached.
    /// </remarks>
    public static DeviceRegisters Map(string path, PageRange? range = null)
    {
        using SafeFileHandle file = FileOpening.Open(path, FileAccess.ReadWrite, nameof(Map), Backing.SharedFile);
        SystemError error = MemorySystem.Current.QueryFile(file, out FileFacts facts);
        if (error.Failed)
        {
            throw new MemoryPagesException(
                error, new FailedOperation(nameof(Map), path, 0, 0, PageSize.Base) { Backing = Backing.SharedFile, FileKind = facts.Kind });
        }

        if (range is null && facts.Length == 0)
        {
            throw new ArgumentException($"'{path}' tells no length: say which range of it the registers are.", nameof(range));
        }

        PageRange wished = range ?? new PageRange(0, (nuint)facts.Length);
        if (facts.Length != 0 && !wished.IsWithin((nuint)facts.Length))
        {
            throw new ArgumentOutOfRangeException(nameof(range), wished, $"'{path}' has {facts.Length:N0} bytes, and the range does not lie within them.");
        }

        return Map(file, wished, path);
    }

    /// <summary>Maps registers from a file that is open, for reading and writing, such as a device's own.</summary>
    /// <param name="file">The file; it need not stay open.</param>
    /// <param name="range">Which bytes of it.</param>
    /// <param name="name">A name for messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static DeviceRegisters Map(SafeFileHandle file, PageRange range, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfZero(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)range.Offset, (ulong)long.MaxValue, nameof(range));
        var wish = new FileRequest
        {
            File = file, Offset = (long)range.Offset, Length = range.Length, PageSize = PageSize.Base,
            Protection = PageProtection.Read | PageProtection.Write, Backing = Backing.SharedFile,
        };
        SystemError error = MappingHandle.TryMapFile(wish, populate: false, name, out MappingHandle? mapping);
        return error.Failed
            ? throw new MemoryPagesException(error, new FailedOperation("MapRegisters", name, 0, range.Length, PageSize.Base) { Backing = Backing.SharedFile })
            : new DeviceRegisters(mapping!);
    }

    /// <summary>A lease for many accesses. Use it with <c>using</c>.</summary>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public RegisterView Access()
    {
        ObjectDisposedException.ThrowIf(_mapping.IsClosed, this);
        _mapping.Acquire(default);
        return new RegisterView(_mapping);
    }

    /// <inheritdoc cref="RegisterView.Read8"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public byte Read8(nuint offset)
    {
        using RegisterView view = Access();
        return view.Read8(offset);
    }

    /// <inheritdoc cref="RegisterView.Read16"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public ushort Read16(nuint offset)
    {
        using RegisterView view = Access();
        return view.Read16(offset);
    }

    /// <inheritdoc cref="RegisterView.Read32"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public uint Read32(nuint offset)
    {
        using RegisterView view = Access();
        return view.Read32(offset);
    }

    /// <inheritdoc cref="RegisterView.Read64"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public ulong Read64(nuint offset)
    {
        using RegisterView view = Access();
        return view.Read64(offset);
    }

    /// <inheritdoc cref="RegisterView.Write8"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public void Write8(nuint offset, byte value)
    {
        using RegisterView view = Access();
        view.Write8(offset, value);
    }

    /// <inheritdoc cref="RegisterView.Write16"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public void Write16(nuint offset, ushort value)
    {
        using RegisterView view = Access();
        view.Write16(offset, value);
    }

    /// <inheritdoc cref="RegisterView.Write32"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public void Write32(nuint offset, uint value)
    {
        using RegisterView view = Access();
        view.Write32(offset, value);
    }

    /// <inheritdoc cref="RegisterView.Write64"/>
    /// <exception cref="ObjectDisposedException">The registers were disposed.</exception>
    public void Write64(nuint offset, ulong value)
    {
        using RegisterView view = Access();
        view.Write64(offset, value);
    }

    /// <summary>
    /// Refuses new use, and unmaps them when the last view ends, which is now if none is open. Idempotent. What the device does is not changed by it.
    /// </summary>
    public void Dispose() => _mapping.CloseOnceIdle();
}
