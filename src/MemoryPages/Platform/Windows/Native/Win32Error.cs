using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Error numbers of winerror.h: those that these calls return, and that this library says itself in their place.</summary>
internal static class Win32Error
{
    public const int ERROR_INVALID_FUNCTION = 1;
    public const int ERROR_FILE_NOT_FOUND = 2;
    public const int ERROR_PATH_NOT_FOUND = 3;
    public const int ERROR_TOO_MANY_OPEN_FILES = 4;
    public const int ERROR_ACCESS_DENIED = 5;
    public const int ERROR_INVALID_HANDLE = 6;
    public const int ERROR_NOT_ENOUGH_MEMORY = 8;
    public const int ERROR_OUTOFMEMORY = 14;
    public const int ERROR_WRITE_PROTECT = 19;
    public const int ERROR_CRC = 23;
    public const int ERROR_SHARING_VIOLATION = 32;
    public const int ERROR_LOCK_VIOLATION = 33;
    public const int ERROR_HANDLE_EOF = 38;
    public const int ERROR_HANDLE_DISK_FULL = 39;
    public const int ERROR_NOT_SUPPORTED = 50;
    public const int ERROR_FILE_EXISTS = 80;
    public const int ERROR_INVALID_PARAMETER = 87;
    public const int ERROR_DISK_FULL = 112;
    public const int ERROR_CALL_NOT_IMPLEMENTED = 120;
    public const int ERROR_INVALID_NAME = 123;
    public const int ERROR_NOT_LOCKED = 158;
    public const int ERROR_ALREADY_EXISTS = 183;
    public const int ERROR_FILENAME_EXCED_RANGE = 206;
    public const int ERROR_FILE_TOO_LARGE = 223;
    public const int ERROR_PARTIAL_COPY = 299;
    public const int ERROR_INVALID_ADDRESS = 487;
    public const int ERROR_NOACCESS = 998;
    public const int ERROR_SWAPERROR = 999;
    public const int ERROR_FILE_INVALID = 1006;
    public const int ERROR_MAPPED_ALIGNMENT = 1132;
    public const int ERROR_USER_MAPPED_FILE = 1224;
    public const int ERROR_NOT_ALL_ASSIGNED = 1300;
    public const int ERROR_PRIVILEGE_NOT_HELD = 1314;
    public const int ERROR_NO_SYSTEM_RESOURCES = 1450;
    public const int ERROR_WORKING_SET_QUOTA = 1453;
    public const int ERROR_COMMITMENT_LIMIT = 1455;

    /// <summary>The error of the call just made: to be read in the very next statement.</summary>
    public static SystemError Last(string call)
    {
        int code = Marshal.GetLastSystemError();
        return new SystemError(call, code == 0 ? ERROR_INVALID_FUNCTION : code); // a failure that says nothing is one all the same
    }

    public static string Symbol(int code) => code switch
    {
        ERROR_INVALID_FUNCTION => nameof(ERROR_INVALID_FUNCTION),
        ERROR_FILE_NOT_FOUND => nameof(ERROR_FILE_NOT_FOUND),
        ERROR_PATH_NOT_FOUND => nameof(ERROR_PATH_NOT_FOUND),
        ERROR_TOO_MANY_OPEN_FILES => nameof(ERROR_TOO_MANY_OPEN_FILES),
        ERROR_ACCESS_DENIED => nameof(ERROR_ACCESS_DENIED),
        ERROR_INVALID_HANDLE => nameof(ERROR_INVALID_HANDLE),
        ERROR_NOT_ENOUGH_MEMORY => nameof(ERROR_NOT_ENOUGH_MEMORY),
        ERROR_OUTOFMEMORY => nameof(ERROR_OUTOFMEMORY),
        ERROR_WRITE_PROTECT => nameof(ERROR_WRITE_PROTECT),
        ERROR_CRC => nameof(ERROR_CRC),
        ERROR_SHARING_VIOLATION => nameof(ERROR_SHARING_VIOLATION),
        ERROR_LOCK_VIOLATION => nameof(ERROR_LOCK_VIOLATION),
        ERROR_HANDLE_EOF => nameof(ERROR_HANDLE_EOF),
        ERROR_HANDLE_DISK_FULL => nameof(ERROR_HANDLE_DISK_FULL),
        ERROR_NOT_SUPPORTED => nameof(ERROR_NOT_SUPPORTED),
        ERROR_FILE_EXISTS => nameof(ERROR_FILE_EXISTS),
        ERROR_INVALID_PARAMETER => nameof(ERROR_INVALID_PARAMETER),
        ERROR_DISK_FULL => nameof(ERROR_DISK_FULL),
        ERROR_CALL_NOT_IMPLEMENTED => nameof(ERROR_CALL_NOT_IMPLEMENTED),
        ERROR_INVALID_NAME => nameof(ERROR_INVALID_NAME),
        ERROR_NOT_LOCKED => nameof(ERROR_NOT_LOCKED),
        ERROR_ALREADY_EXISTS => nameof(ERROR_ALREADY_EXISTS),
        ERROR_FILENAME_EXCED_RANGE => nameof(ERROR_FILENAME_EXCED_RANGE),
        ERROR_FILE_TOO_LARGE => nameof(ERROR_FILE_TOO_LARGE),
        ERROR_PARTIAL_COPY => nameof(ERROR_PARTIAL_COPY),
        ERROR_INVALID_ADDRESS => nameof(ERROR_INVALID_ADDRESS),
        ERROR_NOACCESS => nameof(ERROR_NOACCESS),
        ERROR_SWAPERROR => nameof(ERROR_SWAPERROR),
        ERROR_FILE_INVALID => nameof(ERROR_FILE_INVALID),
        ERROR_MAPPED_ALIGNMENT => nameof(ERROR_MAPPED_ALIGNMENT),
        ERROR_USER_MAPPED_FILE => nameof(ERROR_USER_MAPPED_FILE),
        ERROR_NOT_ALL_ASSIGNED => nameof(ERROR_NOT_ALL_ASSIGNED),
        ERROR_PRIVILEGE_NOT_HELD => nameof(ERROR_PRIVILEGE_NOT_HELD),
        ERROR_NO_SYSTEM_RESOURCES => nameof(ERROR_NO_SYSTEM_RESOURCES),
        ERROR_WORKING_SET_QUOTA => nameof(ERROR_WORKING_SET_QUOTA),
        ERROR_COMMITMENT_LIMIT => nameof(ERROR_COMMITMENT_LIMIT),
        _ => "a Win32 error",
    };
}
