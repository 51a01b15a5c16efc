using System.Security.Cryptography;
using MemoryPages.Diagnostics;
using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class SecretMemoryStep : TourStep
{
    public override string Name => "secret-memory";

    public override string Title => "Keep a secret";

    public override string Lesson => "Locked, out of dumps and children, between guards, overwritten at its end; hidden from debuggers where the kernel can.";

    public override void Run(StepRecorder record)
    {
        try
        {
            RunHere(record);
        }
        catch (MemoryPagesException refusal) when (refusal.Reason is ErrorReason.LockLimit or ErrorReason.AccessDenied)
        {
            record.Refuse(refusal);
        }
    }

    private static void RunHere(StepRecorder record)
    {
        record.Ask(nameof(SecretMemory.HidingSupported), SecretMemory.HidingSupported);
        HashSet<nuint> before = record.Aside(LockedRegions);
        using var secret = SecretMemory.Allocate(32);                   //> memfd_secret; ftruncate; mmap; madvise(MADV_DONTFORK) … munmap
        using (WriteView view = secret.Write())                         //>
            RandomNumberGenerator.Fill(view.Span);                      //>

        nuint[] fresh = [.. record.Aside(LockedRegions).Except(before)];
        bool isHidden = secret.Protection.HasFlag(SecretProtection.Hidden);
        bool isSeen = fresh is [nuint address] && record.Aside(() => CanBeRead(address));
        secret.Conceal();                                               //> mprotect(PROT_NONE)
        bool refused = false;
        try
        {
            using ReadView view = secret.Read();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        secret.Reveal();                                                //> mprotect(PROT_READ|PROT_WRITE)

        record.Claim("the kernel lists it as locked and left out of dumps", fresh.Length == 1);
        record.Claim(isHidden ? "/proc/self/mem, where debuggers read, cannot reach it" : "a debugger could read it: this kernel hides nothing", isSeen != isHidden);
        record.Claim("concealed, it is refused", refused);
        record.Conclude(secret.Protection.ToString());
    }

    private static HashSet<nuint> LockedRegions() =>
        [.. MemoryMap.Regions().Where(static region => region.Flags.Contains("lo") && region.Flags.Contains("dd")).Select(static region => region.Address)];

    private static bool CanBeRead(nuint address)
    {
        try
        {
            using FileStream memory = File.OpenRead("/proc/self/mem");
            memory.Position = (long)address;
            return memory.ReadByte() >= 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
