namespace MemoryPages;

/// <summary>What a page may be used for, as the operating system and the processor enforce it.</summary>
/// <remarks>
/// The protections of <see cref="Pages{TProtection}"/> are types (<see cref="ReadOnly"/>, <see cref="ReadWrite"/> and so on). This enumeration
/// is how they are reported, for example by <see cref="Pages{TProtection}.EffectiveProtection"/>.
/// </remarks>
[Flags]
public enum PageProtection
{
    /// <summary>Any access is a fault.</summary>
    None = 0,

    /// <summary>The page can be read.</summary>
    Read = 1,

    /// <summary>The page can be written.</summary>
    Write = 2,

    /// <summary>The page can be run.</summary>
    Execute = 4,
}
