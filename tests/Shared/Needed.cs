using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>
/// What a test needs of the system that it runs on. Asked where it is used: a test that gets to what is not there is skipped, and its reason names
/// that. Nobody lists which tests run where.
/// </summary>
internal static class Needed
{
    /// <summary>The path of a file or folder that the kernel makes, which only Linux has. Wine shows its host's, which tell of other processes.</summary>
    public static string File(string path) =>
        OperatingSystem.IsLinux() ? path : throw new MissingException($"needs {path}");

    /// <summary>A call of the C library, for a class of tests that are all about it, or about what the library does with it.</summary>
    public static void Call(string name)
    {
        if (!NativeLibrary.TryLoad("libc", typeof(Needed).Assembly, null, out nint library) || !NativeLibrary.TryGetExport(library, name, out _))
        {
            throw new MissingException($"needs {name} of the C library");
        }
    }

    /// <summary>For what is neither a file nor a call.</summary>
    public static void Linux(string what)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new MissingException($"needs {what}");
        }
    }

    /// <summary>Native calls of the tests are the C library's. Where it is missing, so is the call that was about to be made.</summary>
    [ModuleInitializer]
    internal static void AskForTheLibrary() => NativeLibrary.SetDllImportResolver(typeof(Needed).Assembly, static (name, assembly, paths) =>
        NativeLibrary.TryLoad(name, assembly, paths, out nint library) ? library
        : name == "libc" ? throw new MissingException($"needs {CallInProgress()} of the C library")
        : 0);

    private static string CallInProgress()
    {
        foreach (StackFrame frame in new StackTrace().GetFrames())
        {
            if (frame.GetMethod() is { } method && method.GetCustomAttribute<LibraryImportAttribute>() is { } import)
            {
                return import.EntryPoint ?? method.Name;
            }
        }

        return "a call";
    }
}

/// <summary>A test framework that sees this message skips the test.</summary>
#pragma warning disable CA1032 // thrown with a reason and in no other way
internal sealed class MissingException(string reason) : Exception("$XunitDynamicSkip$" + reason)
{
    /// <summary>The exit code by which a program of the tests says that it met one.</summary>
    public const int ExitCode = 77;

    public string Reason => reason;
}
