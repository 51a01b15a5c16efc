using System.Diagnostics.CodeAnalysis;

namespace MemoryPages.Samples.NestedPageTables;

/// <summary>All that a guest needs in memory, owned by one value: disposing it frees everything, once, and in order.</summary>
internal struct Guest : IDisposable
{
    private const int Root = 3;

    private Box<ControlBlock, Locked> _control;
    private Box<PortPermissionMap, ContiguousAllocator> _ports;
    private TableLevel _tables;

    /// <summary>Fills a guest that is zeroed. What is made when something fails is disposed with it.</summary>
    public void Start(ulong pages, Locked locked, ContiguousAllocator contiguous)
    {
        _control = Box.NewZeroed<ControlBlock, Locked>(locked);
        for (ulong page = 0; page < pages; page++)
        {
            _tables.Map(page, HostOf(page), Root, locked);
        }

        _control.Value.NestedPaging = 1;
        _control.Value.NestedRoot = _tables.Address;
        if (Box.TryNewZeroed(contiguous, out _ports))
        {
            ((Span<byte>)_ports.Value).Fill(0xFF); // every port is intercepted
            _control.Value.PortPermissions = Place.Of(ref _ports.Value);
        }
    }

    [UnscopedRef]
    public readonly ref ControlBlock Control => ref _control.Value;

    public readonly bool InterceptsPorts => _ports.HasValue;

    public readonly ulong? Find(ulong page) => _tables.Find(page, Root);

    /// <summary>Of what the guest sees as memory; a real hypervisor gives it pages of its own.</summary>
    public static ulong HostOf(ulong page) => (0x10_0000 + page) * PageTable.PageSize;

    public void Dispose() => Box.DisposeAll(ref _control, ref _ports, ref _tables);
}
