using System.Diagnostics;
using MemoryPages.Ownership;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>A PCI device in the hands of a driver that was chosen, until this is disposed: then whoever had it before has it again.</summary>
/// <remarks>Dispose what uses the device first, its registers too: the kernel waits for them before it takes the device away from vfio-pci.</remarks>
[Owner, UsableWhenSpent]
[DebuggerDisplay("{Address,nq}: {Driver,nq}")]
public sealed class PciDriverBinding : IDisposable
{
    private readonly PciDriverState _before;
    private int _ended;

    internal PciDriverBinding(string address, string? driver, PciDriverState before)
    {
        _before = before;
        Address = address;
        Driver = driver;
    }

    /// <summary>The device.</summary>
    public string Address { get; }

    /// <summary>The driver that it was given to; null for none.</summary>
    public string? Driver { get; }

    /// <summary>The driver that had it before; null for none.</summary>
    public string? PreviousDriver => _before.Name;

    /// <summary>Gives the device back to the driver that had it before. Idempotent; what failed is tried again the next time.</summary>
    /// <exception cref="MemoryPagesException">
    /// That driver did not take it back, and it is without one; or the system refused, and it is as it was.
    /// </exception>
    public void Restore()
    {
        SystemError error = TryRestore();
        if (error.Failed)
        {
            throw PciDevice.Failure(error, nameof(Restore), Address);
        }
    }

    /// <summary>As <see cref="Restore"/>, without an exception where it fails.</summary>
    public void Dispose() => TryRestore();

    private SystemError TryRestore()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return SystemError.None;
        }

        SystemError error = MemorySystem.Current.RestorePciDriver(Address, _before);
        if (error.Failed)
        {
            Volatile.Write(ref _ended, 0);
        }

        return error;
    }
}
