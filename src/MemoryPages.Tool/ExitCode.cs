namespace MemoryPages.Tool;

/// <summary>What the command tells the shell. Documented in its help.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;
}
