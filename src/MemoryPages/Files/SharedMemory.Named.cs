using MemoryPages.Mapping;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <content>Memory that processes find by a name.</content>
public sealed partial class SharedMemory
{
    /// <summary>Makes memory under a name. Whoever finds the name finds the whole memory, zeroed.</summary>
    /// <param name="name">The name: one for the whole system, without a slash.</param>
    /// <param name="length">Bytes, rounded up to whole pages.</param>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, "." or "..", or holds a slash or a zero.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="MemoryPagesException">
    /// There is memory of that name (<see cref="ErrorReason.AlreadyExists"/>), or no room for it (<see cref="ErrorReason.NoSpace"/>,
    /// <see cref="ErrorReason.CommitLimit"/>).
    /// </exception>
    /// <remarks>
    /// <para>All of its memory is taken now, so that no touch can fail for want of it.</para>
    /// <para>
    /// Prefer memory without a name where the processes can pass it on: a name cannot be sealed, so whoever may write the memory may shorten it, and
    /// this process with it. Whom <see cref="NamedMemoryOptions.Permissions"/> let in is trusted.
    /// </para>
    /// <para>Linux: a file in <c>/dev/shm</c>, where shm_open(3) of other languages finds it under the name with a slash before it.</para>
    /// <para>
    /// Windows: CreateFileMapping. The name is one of the user's session; with <c>Global\</c> before it, of the machine. It ends with the last
    /// process that has the memory open, or pages of it to write, not with its creator.
    /// </para>
    /// </remarks>
    public static SharedMemory CreateNamed(string name, nuint length, in NamedMemoryOptions options = default)
    {
        SharedMemory? memory = TryCreateNamed(name, length, options, out SystemError error);
        return memory ?? throw MappingHandle.Failure(error, nameof(CreateNamed), name, 0, Rounded(length), PageSize.Base);
    }

    /// <summary>Opens memory that another process made under a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="access">Whether to map it to write too.</param>
    /// <exception cref="FileNotFoundException">There is no memory of that name.</exception>
    /// <exception cref="UnauthorizedAccessException">Its permissions do not let this user in.</exception>
    /// <exception cref="InvalidDataException">What has that name is no shared memory.</exception>
    /// <exception cref="ArgumentException">It cannot be a name.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public static SharedMemory OpenNamed(string name, FileAccess access = FileAccess.ReadWrite)
    {
        ThrowIfNoName(name);
        bool forWriting = NeedsWriting(access);
        var handle = new SafeFileHandle();
        ThrowIfNotOpened(MemorySystem.Current.OpenNamedMemory(name, forWriting, handle), nameof(OpenNamed), name);
        return OwnChecked(handle, name);
    }

    /// <summary>Opens memory of that name, or makes it where there is none: for processes of which any may be the first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="length">Bytes, rounded up to whole pages, where it is made. What exists keeps its own <see cref="Length"/>.</param>
    /// <param name="options">Further wishes, where it is made.</param>
    /// <exception cref="ArgumentException">It cannot be a name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="UnauthorizedAccessException">It exists, and its permissions do not let this user in.</exception>
    /// <exception cref="InvalidDataException">What has that name is no shared memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    public static SharedMemory OpenOrCreateNamed(string name, nuint length, in NamedMemoryOptions options = default)
    {
        while (true)
        {
            SharedMemory? memory = TryCreateNamed(name, length, options, out SystemError error);
            if (memory is not null)
            {
                return memory;
            }

            MemoryPagesException failure = MappingHandle.Failure(error, nameof(OpenOrCreateNamed), name, 0, Rounded(length), PageSize.Base);
            if (failure.Reason != ErrorReason.AlreadyExists)
            {
                throw failure;
            }

            try
            {
                return OpenNamed(name);
            }
            catch (FileNotFoundException)
            {
                // Its name was taken away between the two: the next try makes it.
            }
        }
    }

    /// <summary>Takes a name away. Whoever has the memory open or mapped keeps it; nobody finds it any more.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException">It cannot be a name.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    /// <exception cref="MemoryPagesException">The system refused: on Windows always where there is one, since a name ends with its users.</exception>
    public static bool RemoveName(string name)
    {
        ThrowIfNoName(name);
        try
        {
            ThrowIfNotOpened(MemorySystem.Current.RemoveNamedMemory(name, onlyThis: null), nameof(RemoveName), name);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static SharedMemory? TryCreateNamed(string name, nuint length, in NamedMemoryOptions options, out SystemError error)
    {
        ThrowIfNoName(name);
        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (options.KeepName && !MemorySystem.Current.NamesStay)
        {
            error = MemorySystem.Current.Absent;
            return null;
        }

        var handle = new SafeFileHandle();
        error = MemorySystem.Current.CreateNamedMemory(name, Rounded(length), options.Permissions, options.ReplaceUnused, handle);
        return error.Failed ? null : new SharedMemory(handle, name, ownsName: !options.KeepName);
    }

    private static nuint Rounded(nuint length) =>
        PageSize.TryAlignUp(length, PageSize.Base, out nuint rounded) ? rounded : PageSize.AlignDown(nuint.MaxValue, PageSize.Base);

    private static void ThrowIfNoName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
        {
            throw new ArgumentException($"'{name}' cannot be the name of shared memory: it is a name of a folder, or holds a slash or a zero.", nameof(name));
        }
    }
}
