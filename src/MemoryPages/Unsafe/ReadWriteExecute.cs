using System.Diagnostics.CodeAnalysis;
using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>Pages that can be written and run at once: what attackers look for. Only for code that patches itself while it runs.</summary>
/// <remarks>
/// Nothing in this library makes such pages unless this type is named. Naming it is error MPUNSAFE001 until it is suppressed, with a reason, where
/// it is used. Systems may refuse it (SELinux, <c>PR_SET_MDWE</c>).
/// </remarks>
[Dangerous]
[Experimental("MPUNSAFE001")]
public readonly struct ReadWriteExecute : IReadable, IWritable, IExecutable
{
    static PageProtection IProtection.Protection => PageProtection.Read | PageProtection.Write | PageProtection.Execute;
}
