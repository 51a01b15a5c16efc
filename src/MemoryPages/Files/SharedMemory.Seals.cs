using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>What nobody can do to it any more.</content>
public sealed partial class SharedMemory
{
    /// <summary>The seals that are on it, asked now: others can add some.</summary>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public SharedMemorySeals Seals
    {
        get
        {
            ThrowIfFailed(MemorySystem.Current.QuerySeals(Handle, out SharedMemorySeals seals), nameof(Seals));
            return seals;
        }
    }

    /// <summary>Adds seals, for everyone who has the memory and for good.</summary>
    /// <param name="seals">Which. Those that are on it already are no error.</param>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    /// <exception cref="MemoryPagesException">
    /// It takes no more seals (<see cref="SharedMemorySeals.Seal"/>, a name of its own, opened to read only), or somebody has it mapped to write and
    /// the seal is <see cref="SharedMemorySeals.Write"/>. None was added.
    /// </exception>
    /// <remarks>
    /// One writer and its readers: map it to write, add <see cref="SharedMemorySeals.FutureWrite"/>, then send it. Who receives it can only read.
    /// </remarks>
    public void AddSeals(SharedMemorySeals seals) => ThrowIfFailed(MemorySystem.Current.AddSeals(Handle, seals), nameof(AddSeals));

    /// <summary>Says no unless all of these seals are on it: to be asked before mapping memory that another process made.</summary>
    /// <param name="seals">Which: those that fix the length, if nothing else is said.</param>
    /// <exception cref="InvalidDataException">One is missing.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public void EnsureSealed(SharedMemorySeals seals = SharedMemorySeals.Length)
    {
        SharedMemorySeals missing = seals & ~Seals;
        if (missing != SharedMemorySeals.None)
        {
            throw new InvalidDataException(
                $"The shared memory lacks the seals {missing}: whoever has it could make it shorter, or change it, while it is in use here. "
                + "Its maker adds them with SharedMemoryOptions.Seals or AddSeals.");
        }
    }

    /// <summary>The system answers for memory only: for no file on a disk, no pipe, no device.</summary>
    private static bool IsSharedMemory(SafeFileHandle handle) => !MemorySystem.Current.QuerySeals(handle, out _).Failed;

    private void ThrowIfFailed(SystemError error, string operation)
    {
        if (error.Failed)
        {
            throw MappingHandle.Failure(error, operation, Name, 0, Length, PageSize.Base);
        }
    }
}
