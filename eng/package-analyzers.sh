#!/usr/bin/env bash
# Packs the library, makes a console project that references the package from a local folder, and shows that each wrong example of docs/analyzers.md is
# reported by its rule, and that the right ones are not. Ends with "N passed, N failed"; exit 0 only if nothing failed.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet pack -c Release "$root/src/MemoryPages" -o "$work/feed" >"$work/pack.log" 2>&1 || { tail -n 20 "$work/pack.log"; exit 1; }
mkdir "$work/app"
cat >"$work/app/nuget.config" <<XML
<configuration>
  <config><add key="globalPackagesFolder" value="$work/packages" /></config>
  <packageSources><clear /><add key="local" value="$work/feed" /></packageSources>
</configuration>
XML
cat >"$work/app/app.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks><UseAppHost>false</UseAppHost>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="MemoryPages" Version="0.1.0" /></ItemGroup>
</Project>
XML

# example RULE KIND: the code block of that kind in the rule's section.
example() {
  awk -v rule="## $1" -v fence="\`\`\`csharp$2" '
    /^## / { within = ($0 == rule) }
    within && $0 == fence { inside = 1; next }
    /^```$/ { inside = 0 }
    inside' "$root/docs/analyzers.md"
}

# program KIND: makes a program of the code on standard input. Wrong examples are parts of a method that has pages.
program() {
  local code
  code=$(cat)
  printf 'using MemoryPages; using MemoryPages.Unsafe; using MemoryPages.Ownership;\n'
  if [ "$1" = wrong ] && [[ $code != "ref struct"* ]]; then
    printf 'static class Program { static void Main() => Run(null!); static void Run(Pages<ReadWrite> pages) {\n%s\n} }\n' "$code"
  elif [ "$1" = wrong ]; then
    printf 'Console.WriteLine();\n%s\n' "$code"
  else
    printf '%s\n' "$code" | grep -vxE 'using MemoryPages(\.Unsafe|\.Ownership)?;'
  fi
}

passed=0 failed=0
check() { # RULE KIND EXPECTED
  local found
  example "$1" "${2:+ $2}" | program "${2:-right}" >"$work/app/Program.cs"
  found=$(dotnet build -c Release --nologo -v q "$work/app" 2>&1 | tee "$work/build.log" | grep -oE '(error|warning) MP[0-9]+|error CS[0-9]+' | awk '{ print $2 }' | sort -u | tr '\n' ' ')
  if [ "${found% }" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$1 ${2:-right}: expected '$3', found '${found% }'"
    grep -E 'error|warning' "$work/build.log" | sort -u | head -n 5
  fi
}

for number in $(seq 1001 1010); do
  check "MP$number" wrong "MP$number"
  check "MP$number" "" ""
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
