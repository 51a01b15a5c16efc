using System.Globalization;
using System.Text;
using MemoryPages.Tool.Model;
using Microsoft.Win32.SafeHandles;

namespace MemoryPages.Tool.Measuring;

/// <summary>The page faults of the thread that made it, from /proc/thread-self/stat (proc(5), fields 10 and 12).</summary>
/// <remarks>
/// Of the thread, since the garbage collector and the compiler fault on theirs. The file is opened once and read into a buffer that was
/// touched before: counting must not cause what it counts.
/// </remarks>
internal sealed class FaultCounter : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle("/proc/thread-self/stat");
    private readonly byte[] _buffer = new byte[1024];

    public FaultCount Read()
    {
        ReadOnlySpan<byte> text = _buffer.AsSpan(0, RandomAccess.Read(_file, _buffer, 0));

        // The second field is the program's name in brackets and may hold anything: count from behind it.
        text = text[(text.LastIndexOf((byte)')') + 2)..];
        return new FaultCount(Field(text, 7), Field(text, 9));
    }

    public void Dispose() => _file.Dispose();

    private static long Field(ReadOnlySpan<byte> text, int index)
    {
        foreach (Range field in text.Split((byte)' '))
        {
            if (index-- == 0)
            {
                return long.Parse(text[field], NumberStyles.None, CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidDataException($"The kernel's statistics have an unknown form: {Encoding.UTF8.GetString(text)}");
    }
}
