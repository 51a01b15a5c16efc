using MemoryPages.Platform.MacOS.Native;
using MemoryPages.Unsafe;
using static MemoryPages.Platform.MacOS.Native.MachCalls;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Advice: of madvise(2), of minherit(2), and what the floor does itself.</summary>
internal sealed partial class MacMemorySystem
{
    public override bool IsSupported(Advice advice) =>
        MacAdvice.NumberOf(advice) is not null || advice is Advice.DontFork or Advice.DoFork or Advice.PopulateRead or Advice.PopulateWrite;

    public override bool IsSupported(UncheckedAdvice advice) => MacAdvice.NumberOf(advice) is not null;

    public override SystemError Advise(nuint address, nuint length, Advice advice) => advice switch
    {
        Advice.PopulateRead or Advice.PopulateWrite => Populate(address, length, PageSize, advice == Advice.PopulateWrite),
        Advice.DontFork or Advice.DoFork => SetInheritance(address, length, advice == Advice.DoFork),
        _ => Advise(address, length, MacAdvice.NumberOf(advice)),
    };

    public override SystemError Advise(nuint address, nuint length, UncheckedAdvice advice) => Advise(address, length, MacAdvice.NumberOf(advice));

    private static SystemError Advise(nuint address, nuint length, int? number) =>
        number is not int known ? MacErrors.NotSupported("madvise")
        : madvise(address, length, known) == 0 ? SystemError.None
        : Errno.Last("madvise");

    /// <summary>Region by region: how a child process had one before somebody said that it should not, the region itself shows.</summary>
    private SystemError SetInheritance(nuint address, nuint length, bool isInherited)
    {
        nuint end = address + length;
        nuint next = address;
        while (next < end && MacRegions.TryNext(_task, ref next, out nuint size, out RegionFacts info) && next < end)
        {
            nuint part = Math.Min(size, end - next);
            if (minherit(next, part, isInherited ? MacAdvice.InheritanceOf(info) : VM_INHERIT_NONE) != 0)
            {
                return Errno.Last("minherit");
            }

            next += part;
        }

        return SystemError.None;
    }
}
