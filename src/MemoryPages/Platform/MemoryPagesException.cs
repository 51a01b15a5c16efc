using System.Globalization;
using System.Text;
using MemoryPages.Platform;

namespace MemoryPages;

/// <summary>The operating system refused an operation on memory. The object it was asked on is as it was before.</summary>
/// <remarks>
/// The message names the operation, the native call, the error and its symbol, the address and size, and where one is known a hint that a
/// person can act on. <see cref="Reason"/> tells programs the same.
/// </remarks>
public sealed class MemoryPagesException : IOException
{
    /// <summary>An error without detail.</summary>
    public MemoryPagesException()
    {
    }

    /// <summary>An error with a message only.</summary>
    /// <param name="message">What happened.</param>
    public MemoryPagesException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public MemoryPagesException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal MemoryPagesException(SystemError error, in FailedOperation operation)
        : this(error, operation, MemorySystem.Current.ErrorSymbol(error.Code), MemorySystem.Current.Diagnose(error, operation))
    {
    }

    /// <summary>What this library refuses itself, without a native call.</summary>
    internal MemoryPagesException(string message, string operation, nuint size, ErrorReason reason, string? hint)
        : base(message)
    {
        Operation = operation;
        Size = size;
        Reason = reason;
        Hint = hint;
    }

    private MemoryPagesException(SystemError error, in FailedOperation operation, string symbol, Diagnosis diagnosis)
        : base(Describe(error, operation, symbol, diagnosis.Hint), error.Code)
    {
        Operation = operation.Name;
        NativeCall = error.Call;
        ErrorCode = error.Code;
        ErrorSymbol = symbol;
        Address = operation.Address;
        Size = operation.Length;
        Reason = diagnosis.Reason;
        Hint = diagnosis.Hint;
    }

    /// <summary>The operation of this library that failed, for example <c>Protect&lt;ReadOnly&gt;</c>.</summary>
    public string Operation { get; } = "";

    /// <summary>The native call that failed, for example <c>mprotect</c>; empty where an allocator had no room left.</summary>
    public string NativeCall { get; } = "";

    /// <summary>The system's error number: errno on Unix.</summary>
    public int ErrorCode { get; }

    /// <summary>The symbol of <see cref="ErrorCode"/>, for example <c>ENOMEM</c>.</summary>
    public string ErrorSymbol { get; } = "";

    /// <summary>The first address of the range; 0 when there was none yet.</summary>
    public nuint Address { get; }

    /// <summary>The size of the range in bytes.</summary>
    public nuint Size { get; }

    /// <summary>Why, in kinds that a program can act on.</summary>
    public ErrorReason Reason { get; }

    /// <summary>What a person can do about it, or null.</summary>
    public string? Hint { get; }

    private static string Describe(SystemError error, in FailedOperation operation, string symbol, string? hint)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{operation.Name} failed: {error.Call} said {symbol} ({error.Code})");
        if (operation.Length != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" for {operation.Length:N0} bytes");
        }

        if (operation.Subject is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" {(operation.Length == 0 ? "for" : "of")} '{operation.Subject}'");
        }

        if (operation.Address != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" at 0x{operation.Address:x}");
        }

        text.Append('.');
        return hint is null ? text.ToString() : text.Append(' ').Append(hint).ToString();
    }
}
