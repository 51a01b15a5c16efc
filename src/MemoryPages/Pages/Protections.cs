namespace MemoryPages;

/// <summary>What a program may do with pages, as a type: the argument of <see cref="Pages{TProtection}"/>.</summary>
/// <remarks>
/// Only this assembly can implement it, so that the safe combinations are all there is. Write and execute together does not exist here;
/// <c>MemoryPages.Unsafe.ReadWriteExecute</c> is the opt-in for those who must.
/// </remarks>
public interface IProtection
{
    /// <summary>What is asked of the system.</summary>
    internal static abstract PageProtection Protection { get; }
}

/// <summary>Pages that a program can read or write: they can be prefaulted and locked.</summary>
public interface IAccessible : IProtection;

/// <summary>Pages that a program can read.</summary>
public interface IReadable : IAccessible;

/// <summary>Pages that a program can write.</summary>
public interface IWritable : IAccessible;

/// <summary>Pages that a program can run.</summary>
public interface IExecutable : IProtection;

/// <summary>Any access is a fault, which ends the process. The content stays.</summary>
public readonly struct NoAccess : IProtection
{
    static PageProtection IProtection.Protection => PageProtection.None;
}

/// <summary>Pages to read.</summary>
public readonly struct ReadOnly : IReadable
{
    static PageProtection IProtection.Protection => PageProtection.Read;
}

/// <summary>Pages to read and write.</summary>
public readonly struct ReadWrite : IReadable, IWritable
{
    static PageProtection IProtection.Protection => PageProtection.Read | PageProtection.Write;
}

/// <summary>Pages to write: this library offers nothing that reads them.</summary>
/// <remarks>
/// No processor that .NET runs on can forbid reading what may be written: a raw pointer still reads. The type is a promise of the program's to
/// itself; <see cref="Pages{TProtection}.EffectiveProtection"/> says what the machine keeps of it.
/// </remarks>
public readonly struct WriteOnly : IWritable
{
    static PageProtection IProtection.Protection => PageProtection.Write;
}

/// <summary>Pages to run and nothing else.</summary>
/// <remarks>
/// x86-64 enforces it where it has protection keys, arm64 where the kernel has it switched on; elsewhere the pages can be read too:
/// <see cref="Pages{TProtection}.EffectiveProtection"/> tells.
/// </remarks>
public readonly struct ExecuteOnly : IExecutable
{
    static PageProtection IProtection.Protection => PageProtection.Execute;
}

/// <summary>Pages to read and run: what code that holds its constants beside it needs.</summary>
public readonly struct ReadExecute : IReadable, IExecutable
{
    static PageProtection IProtection.Protection => PageProtection.Read | PageProtection.Execute;
}
