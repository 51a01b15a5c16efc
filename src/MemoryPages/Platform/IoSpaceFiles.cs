using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Platform;

/// <summary>A space of IO addresses as the system has it: files, which keep it and what is mapped in it until they are closed.</summary>
/// <remarks>Each file's handle is there before its descriptor, so that nothing can fail between getting and owning one.</remarks>
internal sealed class IoSpaceFiles : IDisposable
{
    private readonly Dictionary<int, SafeFileHandle> _groups = [];

    /// <summary>What addresses are mapped by; without a descriptor while nothing is open.</summary>
    public SafeFileHandle Space { get; private set; } = new();

    /// <summary>Which space of that file's; 0 where the file is one.</summary>
    public uint Number { get; private set; }

    public bool IsOpen => !Space.IsInvalid;

    /// <summary>The group's file, where devices are had through their groups and this one's is open.</summary>
    public SafeFileHandle? GroupFile(int group) => _groups.GetValueOrDefault(group);

    /// <summary>What was opened, whole: this object's own from here on.</summary>
    public void Own(SafeFileHandle space, uint number) => (Space, Number) = (space, number);

    public void Own(int group, SafeFileHandle file) => _groups.Add(group, file);

    public void Dispose()
    {
        foreach (SafeFileHandle file in _groups.Values)
        {
            file.Dispose();
        }

        Space.Dispose();
    }
}
