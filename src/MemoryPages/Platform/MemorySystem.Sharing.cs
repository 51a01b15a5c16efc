using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <content>Memory that processes share, memory that nobody shares, and what the system keeps of files.</content>
/// <remarks>
/// Members that make a file handle are given one without a descriptor, so that nothing can fail between getting the descriptor and owning it. It
/// stays so when they fail.
/// </remarks>
internal abstract partial class MemorySystem
{
    // Shared memory.

    /// <summary>
    /// A file in memory, of that length, inherited by no child process. Huge pages are promised to it at once, so that no touch of them can fail.
    /// </summary>
    public abstract SystemError CreateSharedMemory(nuint length, nuint pageSize, string? name, SafeFileHandle file);

    /// <summary>
    /// As <see cref="CreateSharedMemory"/>, under a name that any process may know it by; it has all of its memory when it appears under it. With
    /// <paramref name="replaceUnused"/>, memory of that name which nobody has open or mapped makes way.
    /// </summary>
    public abstract SystemError CreateNamedMemory(string name, nuint length, UnixFileMode permissions, bool replaceUnused, SafeFileHandle file);

    /// <summary>Whether a name can outlive all who have its memory.</summary>
    public virtual bool NamesStay => true;

    public abstract SystemError OpenNamedMemory(string name, bool forWriting, SafeFileHandle file);

    /// <summary>Takes the name away: who has the memory keeps it. With a file given, only where the name still means that one.</summary>
    public abstract SystemError RemoveNamedMemory(string name, SafeFileHandle? onlyThis);

    /// <summary>Opens what another process has open.</summary>
    public abstract SystemError OpenOfProcess(int process, int descriptor, bool forWriting, SafeFileHandle file);

    /// <summary>Fails for what is not memory.</summary>
    public abstract SystemError QuerySeals(SafeFileHandle file, out SharedMemorySeals seals);

    public abstract SystemError AddSeals(SafeFileHandle file, SharedMemorySeals seals);

    public abstract SystemError QueryInheritable(SafeFileHandle file, out bool inheritable);

    public abstract SystemError SetInheritable(SafeFileHandle file, bool inheritable);

    /// <summary>Sends one byte, and the file with it. <paramref name="mustWait"/>: nothing was done, and can be when the socket is ready.</summary>
    public abstract SystemError SendFile(SafeHandle socket, SafeFileHandle file, out bool mustWait);

    /// <summary>
    /// Receives one message; a descriptor in it is inherited by no child process. Zero bytes: the other side has closed. With other than one
    /// descriptor the file stays without one, and any that came are closed.
    /// </summary>
    public abstract SystemError ReceiveFile(SafeHandle socket, SafeFileHandle file, out nuint bytes, out bool mustWait);

    // Secret memory.

    /// <summary>Whether memory can be had that even the kernel does not reach for anybody. Asked of it once.</summary>
    public abstract bool SecretHidingSupported { get; }

    /// <summary>
    /// Memory to read and write, zeroed, resident and kept so, between inaccessible pages; never in a core dump, never in a child. Says how far that
    /// went.
    /// </summary>
    public abstract SystemError MapSecret(nuint length, out MappedRange range, out SecretProtection protection);

    /// <summary>
    /// Overwrites with zeros, in a way that no compiler leaves out, under whatever protection it is: it is to read and write afterwards.
    /// </summary>
    public virtual unsafe void Wipe(nuint address, nuint length)
    {
        if (Protect(address, length, PageProtection.Read | PageProtection.Write).Failed)
        {
            _ = Discard(address, length); // better than nothing: the kernel clears the pages before anybody else gets them
            return;
        }

        for (nuint done = 0; done < length;)
        {
            int part = (int)Math.Min(length - done, int.MaxValue);
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)(address + done), part));
            done += (nuint)part;
        }
    }

    // Files.

    /// <summary>Whether <see cref="QueryFileCache"/> works. Asked of the kernel once.</summary>
    public abstract bool FileCacheFactsSupported { get; }

    /// <summary>Of the bytes from an offset on; a length of 0 is to the end of the file.</summary>
    public abstract SystemError QueryFileCache(SafeFileHandle file, long offset, long length, out FileCacheFacts facts);
}
