/**
 * An access point and a station, each on a simulated radio of its own, the station in a network of its own so that its
 * packets take the air. The station pings and loads pages, `$1` rounds; a sniffer writes what is on the air.
 */
export const radioWorkload = `mkdir -p /run/www
for page in 1 2 3 4 5; do head -c $((page * 3000)) /bin/busybox > "/run/www/page$page"; done
cat > /run/hostapd.conf <<END
interface=wlan0
driver=nl80211
ssid=veelab
hw_mode=g
channel=6
END
ip link set hwsim0 up
sniffer hwsim0 /run/air.pcap &
sniffing=$!
hostapd -B /run/hostapd.conf > /run/hostapd.log || exit 1
ip addr add 10.0.0.1/24 dev wlan0
httpd -p 10.0.0.1:80 -h /run/www
unshare -n sleep 100000 &
sleeping=$!
sleep 1
iw phy "$(cat /sys/class/net/wlan1/phy80211/name)" set netns $sleeping || exit 2
nsenter -t $sleeping -n sh -c '
  ip link set wlan1 up && ip addr add 10.0.0.2/24 dev wlan1 && iw dev wlan1 connect veelab || exit 3
  for second in 1 2 3 4 5 6 7 8 9 10; do iw dev wlan1 link | grep -q Connected && break; sleep 1; done
  for round in $(seq '"$1"'); do
    ping -q -c 5 -i 0.2 10.0.0.1 > /dev/null || exit 4
    for page in 1 2 3 4 5; do wget -q -O /dev/null http://10.0.0.1/page$page || exit 5; done
    sleep 1
  done
' || exit $?
kill $sniffing $sleeping
wait $sniffing
`;
