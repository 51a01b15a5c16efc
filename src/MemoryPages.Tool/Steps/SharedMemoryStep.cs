using MemoryPages.Tool.Measuring;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Steps;

internal sealed class SharedMemoryStep : TourStep
{
    private const int Length = 1 << 20;
    private const long Start = 41;

    public override string Name => "shared-memory";

    public override string Title => "Share memory with another process";

    public override string Lesson => "What one writes the other reads; sealed, so that neither can make it shorter under the other.";

    public override void Run(StepRecorder record)
    {
        using var shared = SharedMemory.Create(Length,                  //> memfd_create; ftruncate
            new() { Seals = SharedMemorySeals.Length });                //> fcntl(F_ADD_SEALS)
        using Pages<ReadWrite> pages = shared.MapShared();              //> mmap(PROT_READ|PROT_WRITE, MAP_SHARED) … munmap
        record.Look("mapped", pages);
        using (WriteView view = pages.Write())                          //>
            view.Elements<long>().Fill(Start);                          //>
        record.Look("filled here", pages);

        shared.IsInheritable = true;                                    //> fcntl(F_SETFD)
        bool ran = record.Aside(() => Peer.Run(shared.Descriptor));
        shared.IsInheritable = false;                                   //> fcntl(F_SETFD)
        long found = pages.Read<long>(Length - sizeof(long));           //>
        record.Look("changed there", pages);

        bool isFixed = false;
        try
        {
            RandomAccess.SetLength(shared.Handle, 0);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            isFixed = true;
            record.Quote("the kernel, to who would shorten it", refused.Message);
        }

        record.Claim("the other process ran and mapped it too", ran);
        record.Claim("what it wrote is read here", found == Start + Peer.Added);
        record.Claim("nobody can make it shorter", isFixed);
        record.Conclude($"{Start} written here, {found} read after the other process");
    }
}
