namespace MemoryPages.Samples.NestedPageTables;

/// <summary>Where a value is: its physical address if this process is shown it, or else its own.</summary>
internal static class Place
{
    public static unsafe ulong Of<T>(ref T value)
        where T : unmanaged
    {
        fixed (T* pointer = &value)
        {
            return PhysicalAddress.IsVisible ? PhysicalMap.OfAddresses((nuint)pointer, (nuint)sizeof(T)).Segments[0].Address.Value : (nuint)pointer;
        }
    }
}
