// What the WebAssembly of jq-wasm is made of: its package.json and LICENSE name only the wrapper. Read from the sources
// that its Dockerfile builds (jq 1.8.2 with decNumber and its own Oniguruma, by Emscripten 6.0.0).

export interface CompiledPart {
  name: string
  version?: string
  /** An SPDX identifier. */
  license: string
  notice: string
}

/** The package that carries these parts. */
export const CARRIER = 'jq-wasm'

export const COMPILED_PARTS: readonly CompiledPart[] = [
  {
    name: 'jq',
    version: '1.8.2',
    license: 'MIT',
    notice: mit('Copyright (C) 2012 Stephen Dolan'),
  },
  {
    name: 'Oniguruma',
    version: '6.9.10',
    license: 'BSD-2-Clause',
    notice: bsd2('Copyright (c) 2002-2021  K.Kosako  <kkosako0@gmail.com>', 'AUTHOR', 'AUTHOR'),
  },
  {
    name: 'decNumber',
    license: 'ICU',
    notice: icu('Copyright (c) 1995-2005 International Business Machines Corporation and others'),
  },
  {
    name: 'dtoa.c',
    license: 'dtoa',
    notice: gay('Copyright (c) 1991, 2000, 2001 by Lucent Technologies.'),
  },
  {
    name: 'g_fmt.c',
    license: 'dtoa',
    notice: gay('Copyright (c) 1991, 1996 by Lucent Technologies.'),
  },
  {
    name: 'Heimdal (parts of dll.c)',
    license: 'BSD-2-Clause',
    notice: bsd2(
      'Portions Copyright (c) 2016 Kungliga Tekniska Högskolan\n(Royal Institute of Technology, Stockholm, Sweden).',
      'COPYRIGHT HOLDERS',
      'COPYRIGHT HOLDER',
    ),
  },
  {
    name: 'Emscripten',
    version: '6.0.0',
    license: 'MIT',
    notice: mit('Copyright (c) 2010-2014 Emscripten authors, see AUTHORS file.'),
  },
  {
    name: 'musl',
    license: 'MIT',
    notice: mit('Copyright © 2005-2020 Rich Felker, et al.'),
  },
]

function mit(copyright: string): string {
  return `${copyright}

Permission is hereby granted, free of charge, to any person obtaining
a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be
included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}

/** @param provider who the disclaimer names as providing, and `liable` as not liable */
function bsd2(copyright: string, provider: string, liable: string): string {
  return `${copyright}
All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions
are met:

1. Redistributions of source code must retain the above copyright
   notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright
   notice, this list of conditions and the following disclaimer in the
   documentation and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE ${provider} AND CONTRIBUTORS "AS IS" AND
ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
ARE DISCLAIMED. IN NO EVENT SHALL THE ${liable} OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS
OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION)
HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT
LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY
OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF
SUCH DAMAGE.`
}

function icu(copyright: string): string {
  return `ICU License - ICU 1.8.1 and later

COPYRIGHT AND PERMISSION NOTICE

${copyright}
All rights reserved.

Permission is hereby granted, free of charge, to any person obtaining a
copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish,
distribute, and/or sell copies of the Software, and to permit persons
to whom the Software is furnished to do so, provided that the above
copyright notice(s) and this permission notice appear in all copies of
the Software and that both the above copyright notice(s) and this
permission notice appear in supporting documentation.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT
OF THIRD PARTY RIGHTS. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL
INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING
FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION
WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.

Except as contained in this notice, the name of a copyright holder
shall not be used in advertising or otherwise to promote the sale, use
or other dealings in this Software without prior written authorization
of the copyright holder.

All trademarks and registered trademarks mentioned herein are the
property of their respective owners.`
}

function gay(copyright: string): string {
  return `The author of this software is David M. Gay.

${copyright}

Permission to use, copy, modify, and distribute this software for any
purpose without fee is hereby granted, provided that this entire notice
is included in all copies of any software which is or includes a copy
or modification of this software and in all copies of the supporting
documentation for such software.

THIS SOFTWARE IS BEING PROVIDED "AS IS", WITHOUT ANY EXPRESS OR IMPLIED
WARRANTY.  IN PARTICULAR, NEITHER THE AUTHOR NOR LUCENT MAKES ANY
REPRESENTATION OR WARRANTY OF ANY KIND CONCERNING THE MERCHANTABILITY
OF THIS SOFTWARE OR ITS FITNESS FOR ANY PARTICULAR PURPOSE.`
}
