export const deployWorkflow = `name: Deploy
run-name: Deploy \${{ inputs.service }} to \${{ inputs.environment }} (\${{ inputs.port_run_id }})

on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      service:
        description: Service to deploy
        required: true
        type: string
      environment:
        description: Where to deploy it
        required: true
        type: choice
        options: [development, staging, production, broken]
      version:
        description: Version or image tag
        required: false
        type: string
        default: latest
      dry_run:
        description: Plan only, change nothing
        required: false
        type: boolean
        default: false
      replicas:
        description: Number of instances
        required: false
        type: number
      port_run_id:
        description: Id of the Port run that asked for this
        required: false
        type: string
      port_context:
        description: What Port knows about this run, as JSON
        required: false
        type: string

jobs:
  plan:
    name: Plan
    runs-on: ubuntu-latest
    steps:
      - name: Check out
        uses: actions/checkout@v5
      - name: Terraform plan
        run: terraform plan -out plan.bin
  deploy:
    name: Deploy to \${{ inputs.environment }}
    needs: plan
    runs-on: ubuntu-latest
    environment: \${{ inputs.environment }}
    steps:
      - name: Check out
        uses: actions/checkout@v5
      - name: Terraform apply
        run: terraform apply plan.bin
      - name: Smoke test
        run: ./scripts/smoke-test.sh
  clean-up:
    name: Clean up
    needs: [plan, deploy]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - name: Remove lock
        run: ./scripts/unlock.sh
`
