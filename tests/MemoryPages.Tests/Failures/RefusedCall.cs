#pragma warning disable MP1002 // transitions are refused, or their results lost, on purpose
#pragma warning disable MP1008 // addresses are kept to compare and to look them up

using MemoryPages.Unsafe;
using static MemoryPages.Testing.SystemCallFailure;

namespace MemoryPages.Tests.Failures;

/// <summary>A public operation on existing pages, the one native call of it that shall fail, and what the error must say of it.</summary>
/// <param name="Name">Of the table's row.</param>
/// <param name="Operation">What the exception must call it.</param>
/// <param name="Call">The native call.</param>
/// <param name="Third">Its third argument (protection, advice, flags), as the kernel's headers number it; null where it has none to check.</param>
/// <param name="Act">The operation.</param>
internal sealed record RefusedCall(string Name, string Operation, string Call, int? Third, Action<Pages<ReadWrite>> Act)
{
    public const int ENOSYS = 38;

    /// <summary>A length that the runtime never maps, protects or advises, so that its own calls on the thread are spared.</summary>
    public static readonly nuint Length = 857 * PageSize.Base;

    /// <summary>A part in the middle, as long as nothing else is.</summary>
    public static readonly PageRange Part = new(3 * PageSize.Base, 419 * PageSize.Base);

    public static readonly int[] Errors = [ENOMEM, EACCES, EPERM, EINVAL, EAGAIN, EIO, EFAULT];

    public static readonly Dictionary<string, int> Numbers = new()
    {
        ["mmap"] = Mmap,
        ["munmap"] = Munmap,
        ["mprotect"] = Mprotect,
        ["mremap"] = Mremap,
        ["madvise"] = Madvise,
        ["mlock"] = Mlock,
        ["mlock2"] = Mlock2,
        ["munlock"] = Munlock,
        ["mincore"] = Mincore,
        ["msync"] = Msync,
    };

    /// <summary>The part that the call is for, which is the size that the error must name.</summary>
    public PageRange Range { get; init; } = new(0, Length);

    /// <summary>The length that the kernel is given, where it is not that of the part.</summary>
    public nuint? NativeLength { get; init; }

    /// <summary>The size that the error names, where it is not that of the part: what was wished.</summary>
    public nuint? Wished { get; init; }

    /// <summary>Errors that the library promises to cope with.</summary>
    public int[] Coped { get; init; } = [];

    public bool OnFile { get; init; }

    /// <summary>
    /// The call fails as told; the same call with another third argument (a wrong number in the library's tables) does too, but otherwise: nothing is
    /// ever carried out, not even advice that would take frames of the machine out of use.
    /// </summary>
    public FailingCall[] Rules(int error) => Third is null
        ? [new(Numbers[Call], error, NativeLength ?? Range.Length)]
        : [new(Numbers[Call], error, NativeLength ?? Range.Length, Third), new(Numbers[Call], ENOSYS, NativeLength ?? Range.Length)];

    public override string ToString() => Name;

    public static readonly RefusedCall[] All =
    [
        new("Protect NoAccess", "Protect<NoAccess>", "mprotect", 0, p => p.Protect<NoAccess>()),
        new("Protect ReadOnly", "Protect<ReadOnly>", "mprotect", 1, p => p.Protect<ReadOnly>()),
        new("Protect WriteOnly", "Protect<WriteOnly>", "mprotect", 2, p => p.Protect<WriteOnly>()),
        new("Protect ExecuteOnly", "Protect<ExecuteOnly>", "mprotect", 4, p => p.Protect<ExecuteOnly>()),
        new("Protect ReadExecute", "Protect<ReadExecute>", "mprotect", 5, p => p.Protect<ReadExecute>()),
        new("DenyWrite", "Protect<ReadOnly>", "mprotect", 1, p => p.DenyWrite()),
        new("ProtectScope", "ProtectScope<ReadOnly>", "mprotect", 1, p => { using ProtectionScope<ReadOnly> scope = p.ProtectScope<ReadOnly>(Part); }) { Range = Part },

        // Discard tells the kernel a second time, for locked memory, when it says EINVAL.
        new("Discard", "Discard", "madvise", 4, p => p.Discard()) { Coped = [EINVAL] },
        new("Discard of a part", "Discard", "madvise", 4, p => p.Discard(Part)) { Range = Part, Coped = [EINVAL] },
        new("Offer", "Offer", "madvise", 8, p => p.Offer()),
        new("Prefault", "Prefault", "madvise", 23, p => p.Prefault()) { Coped = [EAGAIN] },
        new("Prefault of a part", "Prefault", "madvise", 23, p => p.Prefault(Part)) { Range = Part, Coped = [EAGAIN] },
        new("Prefault of a file", "Prefault", "madvise", 22, p => p.Prefault()) { Coped = [EAGAIN], OnFile = true },
        new("Lock", "Lock", "mlock", null, p => p.Lock()),
        new("Lock of a part", "Lock", "mlock", null, p => p.Lock(range: Part)) { Range = Part },
        new("Lock on fault", "Lock", "mlock2", 1, p => p.Lock(LockMode.OnFault)),
        new("Unlock", "Unlock", "munlock", null, p => p.Unlock()),
        new("Flush", "Flush", "msync", 4, p => p.Flush()) { OnFile = true },
        new("Flush of a part", "Flush", "msync", 4, p => p.Flush(Part)) { Range = Part, OnFile = true },
        new("Flush as a hint", "Flush", "msync", 1, p => p.Flush(level: FlushLevel.Hint)) { OnFile = true },
        new("Remove", "Remove", "madvise", 9, p => p.Remove()) { OnFile = true },
        new("Remove of a part", "Remove", "madvise", 9, p => p.Remove(Part)) { Range = Part, OnFile = true },
        new("CountResidentBytes", "CountResidentBytes", "mincore", null, p => p.CountResidentBytes()),
        new("CopyResidency", "CopyResidency", "mincore", null, p => p.CopyResidency(new bool[857])),

        new("Resize larger", "Resize", "mremap", null, p => p.Resize(Length * 2)) { NativeLength = PageSize.Base, Wished = Length * 2 },
        new("Resize smaller", "Resize", "munmap", null, p => p.Resize(Part.Length)) { NativeLength = Length - Part.Length, Wished = Part.Length },

        .. Enum.GetValues<Advice>().Where(a => a != Advice.ZeroWiredPages).Select(a =>
            new RefusedCall($"Advise {a}", "Advise", "madvise", AdviceNumber(a), p => p.Advise(a))),
        new("Advise of a part", "Advise", "madvise", 1, p => p.Advise(Advice.Random, Part)) { Range = Part },
        .. Enum.GetValues<UncheckedAdvice>().Where(a => a is not (UncheckedAdvice.FreeReusable or UncheckedAdvice.FreeReuse)).Select(a =>
            new RefusedCall($"DangerousAdvise {a}", "DangerousAdvise", "madvise", AdviceNumber(a), p => p.DangerousAdvise(a))),
    ];

    /// <summary>asm-generic/mman-common.h, written out a second time so that a slip in the library's table is seen.</summary>
    private static int AdviceNumber<TAdvice>(TAdvice advice)
        where TAdvice : struct, Enum => advice.ToString() switch
    {
        "Normal" => 0, "Random" => 1, "Sequential" => 2, "WillNeed" => 3, "DontNeed" => 4, "Free" => 8, "Remove" => 9, "DontFork" => 10, "DoFork" => 11,
        "Mergeable" => 12, "Unmergeable" => 13, "HugePage" => 14, "NoHugePage" => 15, "DontDump" => 16, "DoDump" => 17, "WipeOnFork" => 18,
        "KeepOnFork" => 19, "Cold" => 20, "PageOut" => 21, "PopulateRead" => 22, "PopulateWrite" => 23, "DontNeedLocked" => 24, "Collapse" => 25,
        "HwPoison" => 100, "SoftOffline" => 101, "GuardInstall" => 102, "GuardRemove" => 103,
        string other => throw new NotSupportedException($"A new advice: write the number of {other} here, and the row is there."),
    };
}
