// What .NET itself sees in a certificate store, and what it changes there.
//   Witness <answer file> list|add-key <location> <store>
//   Witness <answer file> add <location> <store> <DER file>
//   Witness <answer file> remove <location> <store> <thumbprint>
// The answer is JSON: an array of what is in the store afterwards. It goes to a file, because not every console takes it under Wine.
using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

var (answerFile, command, location, name) = (args[0], args[1], Enum.Parse<StoreLocation>(args[2]), args[3]);
using var store = new X509Store(name, location);
store.Open(command == "list" ? OpenFlags.ReadOnly : OpenFlags.ReadWrite);
switch (command)
{
    case "list":
        break;
    case "add":
        store.Add(X509CertificateLoader.LoadCertificateFromFile(args[4]));
        break;
    case "add-key":
        store.Add(SelfSigned());
        break;
    case "remove":
        store.RemoveRange(WithThumbprint(store, args[4]));
        break;
    default:
        throw new ArgumentException(command);
}
store.Close();
store.Open(OpenFlags.ReadOnly);
File.WriteAllText(answerFile, JsonSerializer.Serialize(Describe(store.Certificates)));

static X509Certificate2Collection WithThumbprint(X509Store store, string thumbprint) =>
    store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);

static X509Certificate2 SelfSigned()
{
    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=Witness", key, HashAlgorithmName.SHA256);
    return request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
}

static IEnumerable<object> Describe(X509Certificate2Collection certificates)
{
    foreach (var certificate in certificates)
    {
        yield return new
        {
            thumbprint = certificate.Thumbprint,
            certificate = Convert.ToBase64String(certificate.RawData),
            friendlyName = certificate.FriendlyName,
            hasPrivateKey = certificate.HasPrivateKey,
        };
    }
}
