using MemoryPages.Platform.MacOS.Native;
using static MemoryPages.Platform.MacOS.Native.MappingCalls;

namespace MemoryPages.Platform.MacOS;

/// <summary>Memory for what must not be found anywhere else.</summary>
internal sealed partial class MacMemorySystem
{
    public override bool SecretHidingSupported => false;

    /// <remarks>Nothing keeps it out of a core dump here; these are off unless somebody switches them on (ulimit -c).</remarks>
    public override SystemError MapSecret(nuint length, out MappedRange range, out SecretProtection protection)
    {
        protection = SecretProtection.Locked | SecretProtection.NotForked | SecretProtection.Guarded;
        var request = new AnonymousRequest
        {
            Length = length, Protection = PageProtection.Read | PageProtection.Write, PageSize = PageSize, Alignment = PageSize, Guard = PageSize,
        };
        SystemError error = MapAnonymous(request, out range);
        if (error.Failed)
        {
            return error;
        }

        error = minherit(range.Address, length, VM_INHERIT_NONE) != 0 ? Errno.Last("minherit") : Lock(range.Address, length, LockMode.Resident);
        if (error.Failed)
        {
            _ = Unmap(range.ReservedAddress, range.ReservedLength);
            range = default;
        }

        return error;
    }
}
