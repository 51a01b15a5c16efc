using System.Runtime.InteropServices;
using MemoryPages.Tool.Measuring;

namespace MemoryPages.Tool.Steps;

/// <summary>A step that runs machine code of x86-64.</summary>
internal abstract class MachineCodeStep : TourStep
{
    public sealed override void Run(StepRecorder record)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            record.Skip($"the machine code at hand is x86-64's; this process runs on {RuntimeInformation.ProcessArchitecture}");
            return;
        }

        try
        {
            RunHere(record);
        }
        catch (MemoryPagesException refusal) when (refusal.Reason == ErrorReason.AccessDenied)
        {
            record.Refuse(refusal); // SELinux and the like: no memory that was written may become code
        }
    }

    protected abstract void RunHere(StepRecorder record);
}
