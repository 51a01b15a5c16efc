using System.Security.Cryptography;
using MemoryPages.Platform.Windows.Native;
using static MemoryPages.Platform.Windows.Native.AddressCalls;
using static MemoryPages.Platform.Windows.Native.SectionCalls;

namespace MemoryPages.Platform.Windows;

/// <summary>What the processor enforces, memory that holds code, and memory that holds secrets.</summary>
internal sealed unsafe partial class WindowsMemorySystem
{
    private const SecretProtection OfSecrets = SecretProtection.Locked | SecretProtection.NotForked | SecretProtection.Guarded;

    public override bool SealingSupported => false;

    public override bool SecretHidingSupported => false;

    /// <summary>What is written can be read, as the system has no other memory; whether what runs can be read is the processor's affair: x86-64 and arm64 let it be.</summary>
    public override PageProtection EffectiveProtection(PageProtection requested) =>
        (requested & (PageProtection.Write | PageProtection.Execute)) != 0 ? requested | PageProtection.Read : requested;

    public override void PublishCode(nuint address, nuint length) => _ = ProcessCalls.FlushInstructionCache(ProcessCalls.CurrentProcess, address, length);

    public override SystemError Seal(nuint address, nuint length) => NotSupported("VirtualProtect");

    /// <remarks>The reservation was made for views (<see cref="ReserveRequest.ForView"/>): one call puts the view in its place.</remarks>
    public override SystemError MapDual(nuint reserved, nuint length, string? name, out MappedRange writable)
    {
        writable = default;
        if (!Exports.HasPlaceholders)
        {
            return NotSupported("MapViewOfFile3");
        }

        SystemError error = CreateSection(length, PAGE_EXECUTE_READWRITE, out nint section);
        if (error.Failed)
        {
            return error;
        }

        nuint address = MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, length, 0);
        if (address == 0)
        {
            error = Win32Error.Last("MapViewOfFileEx");
        }
        else
        {
            error = ReplacePlaceholder(section, reserved, length, PAGE_EXECUTE_READ);
            if (error.Failed)
            {
                _ = UnmapViewOfFile(address);
            }
            else
            {
                writable = new MappedRange(address, address, length);
            }
        }

        _ = CloseHandle(section); // the views keep it
        return error;
    }

    /// <remarks>
    /// Locked pages never reach the page file while the process runs. There are no children that get a copy. It is in crash dumps, and in reach of
    /// debuggers.
    /// </remarks>
    public override SystemError MapSecret(nuint length, out MappedRange range, out SecretProtection protection)
    {
        protection = OfSecrets;
        var request = new AnonymousRequest
        {
            Length = length, Protection = PageProtection.Read | PageProtection.Write, PageSize = PageSize, Alignment = PageSize, Guard = PageSize,
        };
        SystemError error = MapAnonymous(request, out range);
        if (!error.Failed)
        {
            error = Lock(range.Address, length, LockMode.Resident);
            if (error.Failed)
            {
                _ = Unmap(range.ReservedAddress, range.ReservedLength);
                range = default;
            }
        }

        return error;
    }

    public override void Wipe(nuint address, nuint length)
    {
        if (Protect(address, length, PageProtection.Read | PageProtection.Write).Failed)
        {
            return; // its pages are cleared by the system before anybody else gets them
        }

        for (nuint done = 0; done < length;)
        {
            int part = (int)Math.Min(length - done, int.MaxValue);
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)(address + done), part));
            done += (nuint)part;
        }
    }
}
