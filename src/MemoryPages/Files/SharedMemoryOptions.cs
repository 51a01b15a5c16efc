namespace MemoryPages;

/// <summary>Wishes for <see cref="SharedMemory.Create"/>. <c>default</c> wishes nothing.</summary>
public readonly record struct SharedMemoryOptions
{
    /// <summary>
    /// Seals from the start. <see cref="SharedMemorySeals.Length"/> for memory that goes to others: then no peer can shorten it under anybody. More
    /// can be added later (<see cref="SharedMemory.AddSeals"/>), unless <see cref="SharedMemorySeals.Seal"/> is among them.
    /// </summary>
    public SharedMemorySeals Seals { get; init; }

    /// <summary>A name for people: in errors, and in <c>/proc/PID/maps</c> as <c>/memfd:name</c>. It opens nothing.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Huge pages. Explicit ones are promised when the memory is made, so that no touch can fail for want of them; the length is rounded up to whole
    /// ones.
    /// </summary>
    public HugePages HugePages { get; init; }
}

/// <summary>Wishes for <see cref="SharedMemory.CreateNamed"/>. <c>default</c>: for this user only, gone when its creator is disposed.</summary>
public readonly record struct NamedMemoryOptions
{
    private readonly UnixFileMode? _permissions;

    /// <summary>Who may open it: by default its user, to read and write.</summary>
    /// <remarks>Windows: a list of rights for its user and for everyone; what a group may do is something else there, and lets nobody in.</remarks>
    public UnixFileMode Permissions
    {
        get => _permissions ?? (UnixFileMode.UserRead | UnixFileMode.UserWrite);
        init => _permissions = value;
    }

    /// <summary>
    /// The name, and the memory with it, stays when its creator is disposed: until <see cref="SharedMemory.RemoveName"/>, or the machine is started
    /// anew. Windows keeps no name that no process uses, and refuses.
    /// </summary>
    public bool KeepName { get; init; }

    /// <summary>
    /// Memory of that name that no process has open or mapped makes way, as what a process left that was killed. Without it, an existing name is an
    /// error.
    /// </summary>
    public bool ReplaceUnused { get; init; }
}
