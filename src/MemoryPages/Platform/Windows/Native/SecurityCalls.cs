using System.Runtime.InteropServices;

namespace MemoryPages.Platform.Windows.Native;

/// <summary>Who may open what is made under a name: a list of users and their rights.</summary>
/// <remarks>Constants and structures: winnt.h of the Windows SDK.</remarks>
internal static unsafe partial class SecurityCalls
{
    public const int TokenUser = 1;
    public const uint ACL_REVISION = 2;
    public const uint SECURITY_DESCRIPTOR_REVISION = 1;

    /// <summary>Bytes of a security identifier at most: SECURITY_MAX_SID_SIZE.</summary>
    public const int LongestIdentity = 68;

    /// <summary>SECURITY_DESCRIPTOR of 64 bits.</summary>
    public const int SizeOfDescriptor = 40;

    /// <summary>WORLD_SID_AUTHORITY with SECURITY_WORLD_RID, S-1-1-0: all users.</summary>
    public static ReadOnlySpan<byte> Everyone => [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    [LibraryImport("advapi32")]
    public static partial int GetTokenInformation(
        nint TokenHandle, int TokenInformationClass, void* TokenInformation, uint TokenInformationLength, out uint ReturnLength);

    [LibraryImport("advapi32")]
    public static partial int InitializeAcl(void* pAcl, uint nAclLength, uint dwAclRevision);

    [LibraryImport("advapi32")]
    public static partial int AddAccessAllowedAce(void* pAcl, uint dwAceRevision, uint AccessMask, void* pSid);

    [LibraryImport("advapi32")]
    public static partial int InitializeSecurityDescriptor(void* pSecurityDescriptor, uint dwRevision);

    [LibraryImport("advapi32")]
    public static partial int SetSecurityDescriptorDacl(void* pSecurityDescriptor, int bDaclPresent, void* pDacl, int bDaclDefaulted);

    /// <summary>TOKEN_USER; the identifier lies behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct UserOfToken
    {
        public void* Identity;
        public uint Attributes;
    }

    /// <summary>SECURITY_ATTRIBUTES.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SecurityAttributes
    {
        public uint Length;
        public void* Descriptor;
        public int InheritHandle;
    }
}
