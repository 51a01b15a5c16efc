using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MemoryPages.Mapping;
using MemoryPages.Ownership;
using MemoryPages.Platform;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages;

/// <summary>Memory that several processes map: what one writes the others read, at the speed of memory.</summary>
/// <remarks>
/// <para>
/// This object is the memory, not a mapping of it: <see cref="Map"/> and <see cref="MapShared"/> give pages of it, any number of times, and these
/// outlive it. The memory ends with the last process that has it, unless it has a name (<see cref="CreateNamed"/>).
/// </para>
/// <para>
/// It reaches another process by inheritance (<see cref="IsInheritable"/>), through a Unix-domain socket (<see cref="Send"/>), by the number that it
/// has in this process (<see cref="OpenOfProcess"/>), or by name.
/// </para>
/// <para>
/// Who maps memory that another can shorten dies of the next access to what is gone. Memory that is sealed (<see cref="SharedMemorySeals.Length"/>)
/// cannot be shortened, by anybody: ask for that before mapping what a stranger sent. <see cref="Receive"/> does.
/// </para>
/// <para>
/// Safe to use from any thread. Linux: memfd_create(2), shm_overview(7). Windows: a section that the page file backs (CreateFileMapping), which has a
/// fixed length and is charged whole when it is made; no socket carries it.
/// </para>
/// </remarks>
[Owner]
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed partial class SharedMemory : IDisposable
{
    private readonly bool _isTransparentHuge;
    private readonly bool _ownsName;
    private int _ended;

    private SharedMemory(SafeFileHandle handle, string? name, bool isTransparentHuge = false, bool ownsName = false)
    {
        Handle = handle;
        Name = name;
        _isTransparentHuge = isTransparentHuge;
        _ownsName = ownsName;
    }

    /// <summary>
    /// The memory as a file: what the framework's file calls take, but on Windows, where it is a section's handle. It is this object's own and ends
    /// with it.
    /// </summary>
    [UsableWhenSpent]
    public SafeFileHandle Handle { get; }

    /// <summary>The name it was given, or null.</summary>
    [UsableWhenSpent]
    public string? Name { get; }

    /// <summary>The length in bytes, asked now: it can change where it is not sealed.</summary>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public nuint Length => AskForLength();

    private string DebuggerDisplay => Handle.IsClosed ? "disposed" : $"{Length:N0} bytes{(Name is null ? "" : ", " + Name)}, sealed: {Seals}";

    /// <summary>Makes memory that this process can share. It has no name that another process could open it by.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    /// <exception cref="MemoryPagesException">The system refused: the message says why and what to do.</exception>
    /// <remarks>
    /// It reads zero, and costs memory page by page as pages are touched; explicit huge pages are promised at once. Where the system promises
    /// strictly (<c>vm.overcommit_memory=2</c>) or a container's limit is reached, a touch that it refuses ends the process: <c>Prefault</c> gets an
    /// exception instead. Windows charges all of it now. Child processes do not inherit it unless <see cref="IsInheritable"/> says so.
    /// </remarks>
    public static SharedMemory Create(nuint length, in SharedMemoryOptions options = default)
    {
        SystemError error = TryCreate(length, options, out nuint rounded, out nuint pageSize, out SharedMemory? memory);
        return memory ?? throw MappingHandle.Failure(error, nameof(Create), options.Name, 0, rounded, pageSize);
    }

    /// <summary>As <see cref="Create"/>; false where the system refuses.</summary>
    /// <param name="length">Bytes, rounded up to whole pages of the kind that is used.</param>
    /// <param name="options">Further wishes.</param>
    /// <param name="memory">The memory, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is 0.</exception>
    public static bool TryCreate(nuint length, in SharedMemoryOptions options, [NotNullWhen(true)] out SharedMemory? memory) =>
        !TryCreate(length, options, out _, out _, out memory).Failed;

    /// <summary>Takes over a file handle that is shared memory: one that was inherited, or came by another way.</summary>
    /// <param name="handle">The handle: this object's own from here on. If the call fails it stays the caller's.</param>
    /// <exception cref="InvalidDataException">
    /// The handle is no shared memory: another kind of file can change or block in ways that this cannot look after.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    /// <remarks>What is inherited under a number: <c>new SafeFileHandle(number, ownsHandle: true)</c>.</remarks>
    public static SharedMemory FromHandle(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return IsSharedMemory(handle)
            ? new SharedMemory(handle, null)
            : throw new InvalidDataException("The handle is not shared memory: neither a file in memory nor one of huge pages.");
    }

    /// <summary>Opens shared memory that another process has open, by the number that it has there: see <see cref="Descriptor"/>.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="descriptor">The number of the descriptor in that process.</param>
    /// <param name="access">Whether to map it to write too.</param>
    /// <exception cref="FileNotFoundException">There is no such process, or it has no such descriptor open.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not look into that one: it is another user's, or protects itself.</exception>
    /// <exception cref="InvalidDataException">It is no shared memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused.</exception>
    /// <remarks>
    /// Numbers are used again: whoever tells one keeps it open until the other side has answered. Linux: <c>/proc/PID/fd/N</c>, which takes the right
    /// to debug that process (ptrace(2)): same user, and no stricter setting. Windows: DuplicateHandle, which takes the right to copy that process's
    /// handles (PROCESS_DUP_HANDLE): same user, and no less integrity.
    /// </remarks>
    public static SharedMemory OpenOfProcess(int processId, int descriptor, FileAccess access = FileAccess.ReadWrite)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        var handle = new SafeFileHandle();
        ThrowIfNotOpened(
            MemorySystem.Current.OpenOfProcess(processId, descriptor, NeedsWriting(access), handle),
            nameof(OpenOfProcess),
            $"descriptor {descriptor} of process {processId}");
        return OwnChecked(handle, null);
    }

    /// <summary>Maps it to read.</summary>
    /// <param name="options">Which part; <c>default</c> for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    [return: Owned]
    public Pages<ReadOnly> Map(in FileMapOptions options = default) => Advised(Pages.Map(Handle, options));

    /// <summary>Maps it to read and write: everyone who maps it sees what is written.</summary>
    /// <param name="options">Which part; <c>default</c> for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the memory.</exception>
    /// <exception cref="MemoryPagesException">The system refused to map it: it is sealed against writing, or was opened to read only.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    [return: Owned]
    public Pages<ReadWrite> MapShared(in FileMapOptions options = default) => Advised(Pages.MapShared(Handle, options));

    /// <summary>
    /// Ends this object, and takes away a name that it made. Pages of it, and other processes that have it, keep the memory. Idempotent.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            if (_ownsName)
            {
                _ = MemorySystem.Current.RemoveNamedMemory(Name!, Handle);
            }

            Handle.Dispose();
        }
    }

    private static SystemError TryCreate(nuint length, in SharedMemoryOptions options, out nuint rounded, out nuint pageSize, out SharedMemory? memory)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        nuint huge = options.HugePages.ExplicitSize;
        pageSize = huge == 0 ? PageSize.Base : huge;
        SystemError error = TryCreate(length, options, pageSize, options.HugePages.IsTransparent, out rounded, out memory);
        if (error.Failed && huge != 0 && options.HugePages.Policy == HugePagePolicy.Prefer)
        {
            pageSize = PageSize.Base;
            error = TryCreate(length, options, pageSize, isTransparentHuge: true, out rounded, out memory);
        }

        return error;
    }

    private static SystemError TryCreate(
        nuint length, in SharedMemoryOptions options, nuint pageSize, bool isTransparentHuge, out nuint rounded, out SharedMemory? memory)
    {
        memory = null;
        if (!PageSize.TryAlignUp(length, pageSize, out rounded))
        {
            rounded = PageSize.AlignDown(nuint.MaxValue, pageSize); // more than any system has: it will say so
        }

        var handle = new SafeFileHandle();
        SystemError error = MemorySystem.Current.CreateSharedMemory(rounded, pageSize, options.Name, handle);
        if (!error.Failed && options.Seals != SharedMemorySeals.None)
        {
            error = MemorySystem.Current.AddSeals(handle, options.Seals);
        }

        if (error.Failed)
        {
            handle.Dispose();
            return error;
        }

        memory = new SharedMemory(handle, options.Name, isTransparentHuge);
        return error;
    }

    private static bool NeedsWriting(FileAccess access) => access switch
    {
        FileAccess.Read => false,
        FileAccess.ReadWrite => true,
        _ => throw new ArgumentOutOfRangeException(nameof(access), access, "Shared memory is opened to read, or to read and write."),
    };

    /// <summary>What a program expects of opening files, in the framework's words; all else in this library's.</summary>
    private static void ThrowIfNotOpened(SystemError error, string operation, string name)
    {
        if (!error.Failed)
        {
            return;
        }

        MemoryPagesException failure = MappingHandle.Failure(error, operation, name, 0, 0, PageSize.Base);
        throw failure.Reason switch
        {
            ErrorReason.NotFound => new FileNotFoundException(failure.Message, name, failure),
            ErrorReason.AccessDenied => new UnauthorizedAccessException(failure.Message, failure),
            _ => failure,
        };
    }

    private static SharedMemory OwnChecked(SafeFileHandle handle, string? name)
    {
        if (IsSharedMemory(handle))
        {
            return new SharedMemory(handle, name);
        }

        handle.Dispose();
        throw new InvalidDataException($"{name ?? "What was opened"} is not shared memory: neither a file in memory nor one of huge pages.");
    }

    private nuint AskForLength()
    {
        SystemError error = MemorySystem.Current.QueryFile(Handle, out FileFacts facts);
        return error.Failed ? throw MappingHandle.Failure(error, nameof(Length), Name, 0, 0, PageSize.Base) : (nuint)facts.Length;
    }

    /// <summary>
    /// The wish is the mapping's and not the memory's: each mapping says it. Where the system does not take it the pages are ordinary ones.
    /// </summary>
    private Pages<TProtection> Advised<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        if (_isTransparentHuge)
        {
            pages.OnPages(nameof(Map), null, 0, static (_, address, length, _) =>
            {
                _ = MemorySystem.Current.Advise(address, length, Advice.HugePage);
                return SystemError.None;
            });
        }

        return pages;
    }
}
