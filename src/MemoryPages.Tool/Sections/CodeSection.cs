using MemoryPages.Tool.Examining;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Sections;

/// <summary>Whether memory may become code. What forbids it, prctl, SELinux or a filter, is not listed anywhere: it is tried.</summary>
internal sealed class CodeSection : DoctorSection
{
    public override string Name => "code";

    public override string Title => "Code made at run time";

    public override IEnumerable<Finding> Examine(ExaminedMachine machine)
    {
        const string Name = "written pages become code";
        const string Why = "a code heap either flips a page from writable to executable, or maps it twice";
        if (!machine.CanBeProbed)
        {
            yield break;
        }

        CodeMode? mode = null;
        string refusal = "";
        try
        {
            using var heap = new CodeHeap();
            mode = heap.Mode;
        }
        catch (MemoryPagesException refused)
        {
            refusal = refused.Message;
        }

        yield return mode switch
        {
            CodeMode.Flipped => new Finding(Name, "yes", FindingStatus.Ok, Why),
            CodeMode.DualMapped => new Finding(Name, "no: heaps map their pages twice", FindingStatus.Limited, Why).Else(
                Cure.None("This process may not make written pages executable (PR_SET_MDWE, a service's MemoryDenyWriteExecute=, SELinux): "
                    + "twice mapped pages do not have to.")),
            _ => new Finding(Name, $"no, and not by mapping them twice: {refusal}", FindingStatus.Missing, Why).Else(
                Cure.None("A filter, SELinux (execmem) or a mount without exec for memory files forbids it: the policy has to allow this program.")),
        };
        bool isOn = Environment.GetEnvironmentVariable("DOTNET_EnableWriteXorExecute") != "0";
        string both = isOn ? "never writable and executable at once" : "writable and executable at once";
        yield return new Finding("the runtime's own code", both, Finding.OkIf(isOn, FindingStatus.Limited),
            "one page that is both is enough for an attacker").Else(Cure.Of(Remedy.Now("unset DOTNET_EnableWriteXorExecute", needsRoot: false)));
    }
}
