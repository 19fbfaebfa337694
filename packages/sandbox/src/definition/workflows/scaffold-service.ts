export const scaffoldServiceWorkflow = `name: Scaffold service
run-name: Scaffold \${{ inputs.service_name }}

on:
  workflow_dispatch:
    inputs:
      service_name:
        description: Name of the new service, also the name of its repository
        required: true
        type: string
      language:
        description: Which template to start from
        required: true
        type: choice
        default: typescript
        options: [typescript, python, go]
      owner_team:
        description: Team that will own the service
        required: false
        type: string
      port_context:
        description: What Port knows about this run, as JSON
        required: false
        type: string

jobs:
  scaffold:
    name: Scaffold
    runs-on: ubuntu-latest
    steps:
      - name: Check out
        uses: actions/checkout@v5
      - name: Render template
        run: npx --yes degit "acme/template-$LANGUAGE" "$SERVICE_NAME"
        env:
          LANGUAGE: \${{ inputs.language }}
          SERVICE_NAME: \${{ inputs.service_name }}
      - name: Create repository
        run: gh repo create "acme/$SERVICE_NAME" --private --source "$SERVICE_NAME" --push
        env:
          SERVICE_NAME: \${{ inputs.service_name }}
  register:
    name: Register in catalog
    needs: scaffold
    runs-on: ubuntu-latest
    steps:
      - name: Create entity
        run: ./scripts/register.sh "$SERVICE_NAME"
        env:
          SERVICE_NAME: \${{ inputs.service_name }}
`
