using System.Runtime.Versioning;

namespace MemoryPages.Platform.Linux.Survival;

/// <summary>By a handler for SIGBUS, the signal that the kernel sends for an access to a page that its file has not.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxTruncationSurvival : TruncationSurvival
{
    private readonly SurvivingRanges _ranges = new();
    private readonly BusErrorHandler _handler = new();

    public override int Count => _ranges.Count;

    public override SystemError Begin(nuint address, nuint length, nuint pageSize, PageProtection protection, out SurvivingRange range)
    {
        // The range first: the handler is to find a block. Nothing comes of it if the handler cannot be installed.
        SystemError error = _ranges.TryAdd(address, length, pageSize, protection, default, out range);
        if (!error.Failed)
        {
            error = _handler.BeInFront(_ranges.FirstBlock);
            if (error.Failed)
            {
                _ranges.Remove(range);
                range = default;
            }
        }

        return error;
    }

    public override SystemError BeginPart(SurvivingRange whole, nuint address, nuint length, PageProtection protection, out SurvivingRange part) =>
        _ranges.TryAdd(address, length, 0, protection, whole, out part);

    public override void End(SurvivingRange range) => _ranges.Remove(range);

    public override void Protect(SurvivingRange whole, PageProtection protection) => SurvivingRanges.Protect(whole, protection);

    public override void Suspend(SurvivingRange whole) => SurvivingRanges.Suspend(whole);

    public override void Resume(SurvivingRange whole, nuint address, nuint length) => SurvivingRanges.Resume(whole, address, length);

    public override Replacements Replaced(SurvivingRange whole) => SurvivingRanges.Replaced(whole);

    public override void ForgetReplaced(SurvivingRange whole) => SurvivingRanges.ForgetReplaced(whole);
}
