using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

internal sealed class PagesSection : DoctorSection
{
    public override string Name => "pages";

    public override string Title => "Pages";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        if (machine.CanBeProbed)
        {
            yield return Size("page size", PageSize.Base, "the unit of every protection, fault and offset");
            yield return Size("allocation granularity", PageSize.AllocationGranularity, "where addresses that the system chooses begin");
        }

        const string Memory = "/proc/meminfo";
        const string Why = "what all pages come out of";
        long available = machine.Files.Kilobytes(Memory, "MemAvailable:") ?? 0;
        yield return machine.Files.Kilobytes(Memory, "MemTotal:") is { } total
            ? new Finding("memory", $"{Quantity.Bytes(total)}, {Quantity.Bytes(available)} available", FindingStatus.Ok, Why)
            {
                Numbers = new Dictionary<string, long> { ["bytes"] = total, ["availableBytes"] = available },
            }
            : Finding.Unreadable("memory", $"not readable: {Memory}", Why);
    }

    private static Finding Size(string name, nuint bytes, string why) => new(name, Quantity.Bytes(bytes), FindingStatus.Ok, why)
    {
        Numbers = new Dictionary<string, long> { ["bytes"] = (long)bytes },
    };
}
