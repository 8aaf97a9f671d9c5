/**
 * Two certificates, made for these tests with OpenSSL 3.0.19:
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -outform DER -subj "/CN=Ada Example" -days 3650`, and with
 * `-newkey rsa:2048` and `/CN=Grace Example`. The thumbprints are what `openssl x509 -fingerprint -sha1` printed.
 */
export interface TestCertificate {
  readonly der: Uint8Array;
  readonly thumbprint: string;
}

export const ada: TestCertificate = {
  der: Buffer.from(
    'MIIBgDCCASegAwIBAgIUBFSTNxhyJDmfGWJzN0juYRSy43MwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLQWRhIEV4YW1wbGUwHhcNMjYxMTIxMDk1OTA4WhcNMzYxMTE4MDk1OTA4WjAWMRQwEgYDVQQDDAtBZGEgRXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEuwzxo8IrIaitr1Y8hzex8wQu8xukJq+yTjA/1/uJT4K5jYp/2CWAVrN3AD+yQ87WhAJOHG6LPyvmM3t1CnjI6jUzBRMB0GA1UdDgQWBBQsMA7RQErPcAdyAChhyJYAiKO4fTAfBgNVHSMEGDAWgBQsMA7RQErPcAdyAChhyJYAiKO4fTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIH3Yt03Wxvvxd9nmtJ+Pc2bHLk+HHXKc+DBjeJxgwKhzAiATXs9YQu3xiJ4oinoDd7bDZV8twu8VmxklNnu8neMuGQ==',
    'base64',
  ),
  thumbprint: '3C13741E328311611CD2812B8B4C65727A043FA8',
};

export const grace: TestCertificate = {
  der: Buffer.from(
    'MIIDETCCAfmgAwIBAgIUFaBtfHbGg+qt1Jq3zsbCCfIEVywwDQYJKoZIhvcNAQELBQAwGDEWMBQGA1UEAwwNR3JhY2UgRXhhbXBsZTAeFw0yNjExMjEwOTU5MDhaFw0zNjExMTgwOTU5MDhaMBgxFjAUBgNVBAMMDUdyYWNlIEV4YW1wbGUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCmqJZjH54O1VEiiEmL4h5jzNh4cBy/mSB9eBDroiyFUBFwL5w8OXzOM+8UzcAyhr/7JmVF7HZFWcKgD3TNtCXcJJInBtYbtJbBfympS0iMdjnn3HwVhp1SgU021c0AvG1X4QCnVelV1VjOFy5vRijQCM5x/IeioP1G29yJ+knIh2wXUgiwceX7qYQUwCzs6/5/kHibLjUjirCwCORjMR1J+qr7gWjrNgr+5vFs8fE3eJFjZRp9rF0By0NYUVOZpa+H0G0AgNVyXENKdud4g5xIw0Bm5uFLfvDQ3F8RRzKj+eCPg4a1w9ZtZ7sRz4wq1TLB4D3DjCXBHFKzG3fUQLiPAgMBAAGjUzBRMB0GA1UdDgQWBBSiiz+u3b0CJlcLqe0RGB8+p+LZ9jAfBgNVHSMEGDAWgBSiiz+u3b0CJlcLqe0RGB8+p+LZ9jAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQBi1uZ2o+PkUGSLRao6vNTaPI3n5MA3w1z2FCf+bGH2VpoKg16Ein35KqGQbCHXsdlvxMo2ZP8qPdviqfHP3qz9xJgLPNQ+oqFSKdT+mqtbN3wd3qFwQMx8nu/5JU47Ac90iOtE2fKb6XXxGdtybFJ3uJ49E558xdygW+zAjf0JRw7KOrmHUW4prPiuyJ7/bq/4izvA0uuyja27mnlMvu1f6AMRXdfo0VHX2AiNCJlDKd/+8fhIkb6/kJ/mxALB3KJUcOKrRAlaBZ9NMMK5Ul/Uudc7s07fSvbiMXD4JXoT+xng5PMvPTyMKJmpbYjYTZUOH81O1x7cp0ClqM1iU+JS',
    'base64',
  ),
  thumbprint: '29D7357FD273629DA0D0264186DF8DCDF7258024',
};
