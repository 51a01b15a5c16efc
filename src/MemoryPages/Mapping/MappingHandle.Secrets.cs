using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>Ranges whose content must not outlive them.</summary>
internal sealed partial class MappingHandle
{
    /// <summary>The content is overwritten before the range ends, on whatever path it ends.</summary>
    private bool _isSecret;

    /// <summary>Maps memory for a secret, between guards. Allocates no managed object when it fails.</summary>
    /// <param name="length">The user's bytes; not rounded.</param>
    /// <param name="name">The user's name for it.</param>
    /// <param name="protection">What holds for it.</param>
    /// <param name="mapping">The owner, or null.</param>
    public static SystemError TryMapSecret(nuint length, string? name, out SecretProtection protection, out MappingHandle? mapping)
    {
        mapping = null;
        MemorySystem system = MemorySystem.Current;
        if (!MemoryPages.PageSize.TryAlignUp(length, system.PageSize, out nuint mapped))
        {
            mapped = MemoryPages.PageSize.AlignDown(nuint.MaxValue, system.PageSize); // more than any system has: it will say so
        }

        SystemError error = system.MapSecret(mapped, out MappedRange range, out protection);
        if (!error.Failed)
        {
            mapping = Own(range, 0, length, mapped, system.PageSize, system.PageSize, Backing.Memory, name);
            mapping._isSecret = true;
        }

        return error;
    }
}
