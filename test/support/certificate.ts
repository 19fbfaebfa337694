import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  /** PEM texts. */
  cert: string
  key: string
}

/**
 * A self-signed certificate, made by openssl.
 *
 * @param names DNS names and IP addresses
 */
export function selfSigned(names = 'DNS:localhost,IP:127.0.0.1'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  try {
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    const files = ['-nodes', '-keyout', 'key.pem', '-out', 'cert.pem']
    const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names}`]
    execFileSync('openssl', [...args, ...files, ...subject, '-days', '2'], {
      cwd: folder,
      stdio: 'pipe',
    })
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    return { cert: read('cert.pem'), key: read('key.pem') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
