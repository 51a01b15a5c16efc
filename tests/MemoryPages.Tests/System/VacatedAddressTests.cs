using System.Globalization;
using System.Text.RegularExpressions;
using MemoryPages.Tests.Files;

namespace MemoryPages.Tests.Effects;

/// <summary>
/// Addresses that a move left belong to nobody: another thread may be given them at once. To unmap them again, to be tidy, unmaps that thread's
/// memory. No test can wait for that thread, but strace shows the call.
/// </summary>
public sealed partial class VacatedAddressTests
{
    [Theory]
    [InlineData("Whole", "0")]
    [InlineData("Parts", "0")]
    [InlineData("PutBack", "0")]
    [InlineData("Whole", "1")]
    [InlineData("Parts", "1")]
    [InlineData("PutBack", "1")]
    public void What_a_move_left_is_not_unmapped_again(string move, string hardened)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "The package strace is not installed.");
        Assert.SkipUnless(move != "PutBack" || SystemCallFailure.IsPossible, "No seccomp filters here: not x86-64 Linux.");
        using var trace = new TempFile(0);
        ScenarioResult result = Scenario.RunWith(
            new() { ["MEMORYPAGES_HARDENED"] = hardened }, ["strace", "-f", "-qq", "-e", "trace=mmap,mremap,munmap", "-o", trace.Path], "Move", move);
        Assert.SkipWhen(result.Errors.Contains("PTRACE"), "This sandbox allows no ptrace: " + result.Errors);
        Assert.True(result.ExitCode == 0, result.ToString());

        var vacated = new List<(ulong Start, ulong End)>();
        int moves = 0;
        foreach (string line in File.ReadLines(trace.Path))
        {
            Match call = Call().Match(line);
            if (!call.Success)
            {
                continue; // another thread's, interrupted: not the library's
            }

            (string name, ulong address, ulong length) = (call.Groups[1].Value, Hex(call.Groups[2].Value), ulong.Parse(call.Groups[3].Value, CultureInfo.InvariantCulture));
            if (name == "munmap")
            {
                Assert.DoesNotContain(vacated, range => range.Start < address + length && address < range.End);
                continue;
            }

            ulong place = Hex(call.Groups[5].Value);
            ulong taken = name == "mmap" ? length : ulong.Parse(call.Groups[4].Value.Split(',')[1], CultureInfo.InvariantCulture);
            vacated.RemoveAll(range => range.Start < place + taken && place < range.End);
            if (name == "mremap" && place != address)
            {
                vacated.Add((address, address + length));
                moves++;
            }
        }

        Assert.NotEqual(0, moves);
    }

    private static ulong Hex(string text) => text == "NULL" ? 0 : ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Such as <c>123 mremap(0x7f00, 4096, 8192, MREMAP_MAYMOVE, NULL) = 0x7f10</c>; calls that failed do not match.</summary>
    [GeneratedRegex(@"(mmap|mremap|munmap)\((NULL|0x[0-9a-f]+), (\d+)(.*)\)\s+= (0x[0-9a-f]+|0)$")]
    private static partial Regex Call();
}
