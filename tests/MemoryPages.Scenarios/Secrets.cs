using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Secret memory under the eyes of debuggers, dumps and children. With the argument "locked", of a kernel that cannot hide memory.</summary>
internal static unsafe class Secrets
{
    private const int Letters = 64;

    /// <summary>Holds a secret and a control text, neither of which is written in this program as it is. Says where the secret is, and waits.</summary>
    [Scenario]
    public static int HoldASecret(string[] arguments) => With(arguments, static secret =>
    {
        using Pages<ReadWrite> control = Pages.Allocate(PageSize.Base);
        using (WriteView view = secret.Write())
        {
            Spell(view.Span[..Letters], 'S');
        }

        using (WriteView view = control.Write())
        {
            Spell(view.Span[..Letters], 'C');
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{AddressOf(secret)} {secret.Protection}"));
        Console.Out.Flush();
        Console.In.ReadLine();
        GC.KeepAlive(control);
        return 0;
    });

    /// <summary>Prints the byte that a forked child reads, or 254 where it has no such page. The parent wrote 42.</summary>
    [Scenario]
    public static int SecretSeenByAForkedChild(string[] arguments) => With(arguments, static secret =>
    {
        using (WriteView view = secret.Write())
        {
            view.Span.Fill(42);
        }

        Console.WriteLine(ForkedChild.Sees(AddressOf(secret)));
        using ReadView still = secret.Read();
        return still[0] == 42 ? 0 : 2;
    });

    /// <summary>One access that ends the process: before the first byte, behind the last page, or while it is concealed.</summary>
    [Scenario]
    public static int TouchWhatIsClosed(string[] arguments) => With(arguments[1..], secret =>
    {
        nuint address = AddressOf(secret);
        if (arguments[0] == "concealed")
        {
            secret.Conceal();
        }

        byte* touched = arguments[0] switch
        {
            "before" => (byte*)address - 1,
            "behind" => (byte*)address + PageSize.Base,
            _ => (byte*)address,
        };
        Console.WriteLine("touching");
        Console.Out.Flush();
        Console.WriteLine($"survived and saw {*touched}");
        return 0;
    });

    /// <summary>Says what the limit of locked memory made of it. The launcher lowers the limit and takes the privilege away.</summary>
    [Scenario]
    public static int SecretBeyondLockLimit(string[] arguments)
    {
        try
        {
            using SecretMemory secret = SecretMemory.Allocate(16 * PageSize.Base);
            Console.WriteLine("allocated");
        }
        catch (MemoryPagesException refused)
        {
            Console.WriteLine($"{refused.Reason} {refused.Hint}");
        }

        bool tried = SecretMemory.TryAllocate(16 * PageSize.Base, out SecretMemory? untold);
        using (untold)
        {
            Console.WriteLine(tried);
        }

        return 0;
    }

    private static int With(string[] arguments, Func<SecretMemory, int> use)
    {
        int result = 1;
        void Run()
        {
            using SecretMemory secret = SecretMemory.Allocate(100);
            result = use(secret);
        }

        if (arguments.Contains("locked"))
        {
            SystemCallFailure.During(Run, new FailingCall(SystemCallFailure.MemfdSecret, SystemCallFailure.ENOSYS));
        }
        else
        {
            Run();
        }

        return result;
    }

    private static nuint AddressOf(SecretMemory secret)
    {
        using ReadView view = secret.Read();
        return (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(view.Span));
    }

    /// <summary>Letters that follow from the first, none of which stands beside another in the program's own files.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Spell(Span<byte> text, char first)
    {
        uint state = first;
        foreach (ref byte letter in text)
        {
            state = (state * 1664525) + 1013904223;
            letter = (byte)('a' + ((state >> 24) % 26));
        }
    }
}
