/** A workflow without `workflow_dispatch`, which cannot be dispatched. */
export const ciWorkflow = `name: CI

on:
  push:
  pull_request:

jobs:
  test:
    name: Test
    runs-on: ubuntu-latest
    steps:
      - name: Check out
        uses: actions/checkout@v5
      - name: Test
        run: npm test
`
