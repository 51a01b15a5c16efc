using System.Diagnostics.CodeAnalysis;
using System.Runtime.ConstrainedExecution;

namespace MemoryPages.Mapping;

/// <summary>Lends its finalizer to an owner, to learn that it was lost; used again when the owner ends in good order.</summary>
/// <remarks>
/// Allocating an object with a finalizer and taking it off the list again costs as much as everything else this library adds to mmap and munmap
/// together, several times over. The owner itself could not be used again: a late lease may still reach it. Only its owner ever sees a sentinel.
/// </remarks>
internal sealed class MappingSentinel : CriticalFinalizerObject
{
    [ThreadStatic]
    private static MappingSentinel? t_spare;

    private MappingHandle? _owner;

    ~MappingSentinel() => _owner?.OnLost();

    public static MappingSentinel For(MappingHandle owner)
    {
        MappingSentinel? sentinel = t_spare;
        if (sentinel is null)
        {
            sentinel = new MappingSentinel();
        }
        else
        {
            t_spare = null;
        }

        sentinel._owner = owner;
        return sentinel;
    }

    /// <summary>The owner ends in good order.</summary>
    public void Disarm() => _owner = null;

    /// <summary>Waits for the next owner, one a thread. One that waits stays on the finalizer's list: that is what is saved.</summary>
    [SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize", Justification = "Not a Dispose: the sentinel lives on.")]
    public void GiveBack()
    {
        if (t_spare is null)
        {
            t_spare = this;
        }
        else
        {
            GC.SuppressFinalize(this);
        }
    }
}
