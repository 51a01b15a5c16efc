#pragma warning disable MP1008 // addresses are kept to compare and to look them up

using System.Buffers;
using MemoryPages.Unsafe;

namespace MemoryPages.Tests.Failures;

/// <summary>Pages of one of the six types, without the type, and beside them what they should be.</summary>
internal abstract class ModelSubject(nuint address, byte[] content, bool[] locked)
{
    public nuint Address { get; protected set; } = address;

    /// <summary>What every byte should be; its length is the pages'.</summary>
    public byte[] Content { get; set; } = content;

    /// <summary>Which pages should be locked.</summary>
    public bool[] Locked { get; set; } = locked;

    public List<IMemoryOwner<byte>> Leases { get; protected init; } = [];

    /// <summary>Whether spans were handed out that no view bounds: the addresses stay reserved for a while afterwards.</summary>
    public bool SpansEscaped { get; set; }

    public bool IsDisposed { get; set; }

    /// <summary>As maps shows it.</summary>
    public abstract string Access { get; }

    public abstract PageProtection Protection { get; }

    public bool IsReadable => this is ModelSubject<ReadOnly> or ModelSubject<ReadWrite> or ModelSubject<ReadExecute>;

    public abstract ModelSubject Protect(int type);

    public abstract void Scope(int type, PageRange range, byte[] fill);

    public abstract void Resize(nuint length, bool mayMove);

    public abstract void Advise(Advice advice, PageRange range);

    public abstract void Unlock(PageRange range);

    public abstract nuint CountResident(PageRange range);

    public abstract long LeaseCount { get; }

    public abstract void Dispose();

    public static ModelSubject Allocate(int type, nuint length, in AllocationOptions options) => type switch
    {
        0 => Of(Pages.Allocate<NoAccess>(length, options)),
        1 => Of(Pages.Allocate<ReadOnly>(length, options)),
        2 => Of(Pages.Allocate<ReadWrite>(length, options)),
        3 => Of(Pages.Allocate<WriteOnly>(length, options)),
        4 => Of(Pages.Allocate<ExecuteOnly>(length, options)),
        _ => Of(Pages.Allocate<ReadExecute>(length, options)),
    };

    private static ModelSubject<TProtection> Of<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection => new(pages, new byte[pages.Length], new bool[pages.Length / PageSize.Base]);
}

/// <inheritdoc />
internal sealed unsafe class ModelSubject<TProtection>(Pages<TProtection> pages, byte[] content, bool[] locked)
    : ModelSubject((nuint)pages.DangerousPointer(), content, locked)
    where TProtection : struct, IProtection
{
    public Pages<TProtection> Pages => pages;

    public override string Access => default(TProtection) switch
    {
        NoAccess => "---p", ReadOnly => "r--p", ReadWrite => "rw-p", WriteOnly => "-w-p", ExecuteOnly => "--xp", ReadExecute => "r-xp",
        _ => throw new NotSupportedException(),
    };

    public override PageProtection Protection => default(TProtection) switch
    {
        NoAccess => PageProtection.None,
        ReadOnly => PageProtection.Read,
        ReadWrite => PageProtection.Read | PageProtection.Write,
        WriteOnly => PageProtection.Write,
        ExecuteOnly => PageProtection.Execute,
        _ => PageProtection.Read | PageProtection.Execute,
    };

    public override long LeaseCount => pages.LeaseCount;

    public override ModelSubject Protect(int type) => type switch
    {
        0 => HandOn<NoAccess>(),
        1 => HandOn<ReadOnly>(),
        2 => HandOn<ReadWrite>(),
        3 => HandOn<WriteOnly>(),
        4 => HandOn<ExecuteOnly>(),
        _ => HandOn<ReadExecute>(),
    };

    public override void Scope(int type, PageRange range, byte[] fill)
    {
        switch (type)
        {
            case 0: Enter<NoAccess>(range, "---p"); break;
            case 1: Enter<ReadOnly>(range, "r--p"); break;
            case 3: Enter<WriteOnly>(range, "-w-p"); break;
            case 4: Enter<ExecuteOnly>(range, "--xp"); break;
            case 5: Enter<ReadExecute>(range, "r-xp"); break;
            default:
                using (ProtectionScope<ReadWrite> scope = pages.ProtectScope<ReadWrite>(range))
                using (WriteView view = scope.Write())
                {
                    ModelState.AssertAccess(Address, range, "rw-p");
                    fill.CopyTo(view.Span);
                }

                break;
        }
    }

    public override void Resize(nuint length, bool mayMove)
    {
        pages.Resize(length, mayMove);
        Address = (nuint)pages.DangerousPointer();
    }

    public override void Advise(Advice advice, PageRange range) => pages.Advise(advice, range);

    public override void Unlock(PageRange range) => pages.Unlock(range);

    public override nuint CountResident(PageRange range) => pages.CountResidentBytes(range);

    public override void Dispose() => pages.Dispose();

    private ModelSubject<TNew> HandOn<TNew>()
        where TNew : struct, IProtection
    {
        Pages<TNew> successor = pages.Protect<TNew>();
        Assert.Throws<ObjectDisposedException>(() => pages.Length);
        return new ModelSubject<TNew>(successor, Content, Locked) { Leases = Leases, SpansEscaped = SpansEscaped };
    }

    private void Enter<TScope>(PageRange range, string access)
        where TScope : struct, IProtection
    {
        using ProtectionScope<TScope> scope = pages.ProtectScope<TScope>(range);
        ModelState.AssertAccess(Address, range, access);
        Assert.Throws<InvalidOperationException>(() => pages.Protect<ReadOnly>());
    }
}
