#!/usr/bin/env bash
# Starts one Kafka broker on 127.0.0.1 and waits until it answers.
#
#   start-kafka.sh DIR [PLAIN_PORT [SASL_PORT]]
#
# DIR receives the data, the certificates, the log and the process id (DIR/pid; end it with kill).
# PLAIN_PORT (default 19092) takes unencrypted clients, PLAIN_PORT + 1 is the controller's.
# SASL_PORT, when given, takes SASL_SSL clients with SCRAM-SHA-512, as Port's Kafka does:
#   user $KAFKA_USER (default port-user), password $KAFKA_PASSWORD (default port-secret), CA in DIR/ca.pem.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lib=${KAFKA_LIB:-$here/lib}
dir=$(mkdir -p "$1" && cd "$1" && pwd)
port=${2:-19092}
sasl_port=${3:-}
user=${KAFKA_USER:-port-user}
password=${KAFKA_PASSWORD:-port-secret}
# C1 only and the serial collector: a test broker lives for seconds, and shares two cores.
java=(java -Xmx${KAFKA_HEAP:-256m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto
  -Dorg.slf4j.simpleLogger.defaultLogLevel="${KAFKA_LOG:-warn}" -cp "$lib/*")

listeners="PLAINTEXT://127.0.0.1:$port"
map="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
format=(--cluster-id "port-dispatch-test-001" --config "$dir/server.properties")
tls=""
if [ -n "$sasl_port" ]; then
  listeners="$listeners,SASL_SSL://127.0.0.1:$sasl_port"
  map="$map,SASL_SSL:SASL_SSL"
  format+=(--add-scram "SCRAM-SHA-512=[name=$user,password=$password]")
  if [ ! -f "$dir/server.pem" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=port-dispatch test CA" \
      -keyout "$dir/ca.key" -out "$dir/ca.pem" 2> /dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr" 2> /dev/null
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
      -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$dir/server.crt" 2> /dev/null
    # Kafka's PEM store: the key (PKCS#8) and then the chain, in one file.
    cat "$dir/server.key" "$dir/server.crt" "$dir/ca.pem" > "$dir/server.pem"
  fi
  tls="ssl.keystore.type=PEM
ssl.keystore.location=$dir/server.pem
ssl.client.auth=none
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;"
fi

cat > "$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=$listeners,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=$listeners
listener.security.protocol.map=$map
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
num.partitions=1
auto.create.topics.enable=${KAFKA_AUTO_CREATE:-false}
# One broker: every internal topic has one replica. One partition each makes the first group join fast.
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A group is balanced when its first member joins, not three seconds later.
group.initial.rebalance.delay.ms=0
# Lets a test see a crashed member's partitions move within seconds.
group.min.session.timeout.ms=1000
$tls
PROPERTIES

[ -f "$dir/data/meta.properties" ] || "${java[@]}" kafka.tools.StorageTool format "${format[@]}" > "$dir/format.log" 2>&1
"${java[@]}" kafka.Kafka "$dir/server.properties" > "$dir/broker.log" 2>&1 < /dev/null &
pid=$!
echo "$pid" > "$dir/pid"
for _ in $(seq 1800); do
  kill -0 "$pid" 2> /dev/null || { cat "$dir/broker.log" >&2; exit 1; }
  (echo > "/dev/tcp/127.0.0.1/$port") 2> /dev/null && exit 0
  sleep 0.1
done
echo "Kafka did not start within three minutes: $dir/broker.log" >&2
exit 1
