// A cell of ns-3: stations that always have one more packet for a sink, on one channel, at one place. Prints a line of CSV: what the sink got.
// Built and run by run-cell.ts. Debian: g++ libns3-dev (3.37).
#include <iostream>
#include <set>
#include <string>

#include "ns3/core-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"
#include "ns3/wifi-module.h"

using namespace ns3;

namespace
{
uint64_t delivered = 0;
uint64_t sent = 0;
uint64_t captured = 0;
uint64_t listened = 0;
uint64_t errors = 0;
Time begun;
std::set<uint32_t> sending;
uint32_t stations = 5;
uint32_t packetBytes = 1500;

// What a station's channel access is told: after an error it waits for EIFS.
class Reports : public WifiPhyListener
{
  public:
    void NotifyRxEndError() override
    {
        errors++;
    }

    void NotifyRxStart(Time) override {}
    void NotifyRxEndOk() override {}
    void NotifyTxStart(Time, double) override {}
    void NotifyCcaBusyStart(Time, WifiChannelListType, const std::vector<Time>&) override {}
    void NotifySwitchingStart(Time) override {}
    void NotifySleep() override {}
    void NotifyOff() override {}
    void NotifyWakeup() override {}
    void NotifyOn() override {}
};

// In spite of another frame that began at the same time.
void Received(Ptr<const Packet>, const Address&)
{
    delivered++;
    if (sending.size() > 1)
        captured++;
}

// A frame of data on the air; acknowledgements and requests are short. Of those before, where they collided, all other stations were listeners.
void Sent(uint32_t station, Ptr<const Packet> packet, double)
{
    if (packet->GetSize() <= packetBytes)
        return;
    sent++;
    if (Simulator::Now() != begun)
    {
        if (sending.size() > 1)
            listened += stations - sending.size();
        sending.clear();
    }
    begun = Simulator::Now();
    sending.insert(station);
}

void Begin()
{
    delivered = 0;
    sent = 0;
    captured = 0;
    listened = 0;
    errors = 0;
}
} // namespace

int main(int argc, char* argv[])
{
    std::string standard = "11a";
    std::string mode = "OfdmRate54Mbps";
    uint32_t widthMHz = 20;
    uint32_t guardNs = 800;
    uint32_t streams = 1;
    uint32_t aggregateBytes = 0;
    uint32_t intervalUs = 100;
    double warmS = 1;
    double seconds = 10;
    uint32_t seed = 1;
    CommandLine command;
    command.AddValue("standard", "11a, 11b, 11g, 11n or 11ax", standard);
    command.AddValue("mode", "ns-3's name of the data's rate", mode);
    command.AddValue("stations", "how many send", stations);
    command.AddValue("widthMHz", "the channel's width", widthMHz);
    command.AddValue("guardNs", "the guard interval of 11n and 11ax", guardNs);
    command.AddValue("streams", "spatial streams", streams);
    command.AddValue("aggregateBytes", "the longest A-MPDU; 0: none", aggregateBytes);
    command.AddValue("packetBytes", "a packet", packetBytes);
    command.AddValue("intervalUs", "a packet comes to each station so often", intervalUs);
    command.AddValue("seconds", "counted, after a second that is not", seconds);
    command.AddValue("seed", "the run's", seed);
    command.Parse(argc, argv);

    const bool isLow = standard == "11b" || standard == "11g";
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(seed);
    Config::SetDefault("ns3::WifiRemoteStationManager::FragmentationThreshold", StringValue("100000"));
    Config::SetDefault("ns3::WifiRemoteStationManager::RtsCtsThreshold", StringValue("10000000"));
    // A frame is sent until it arrives: 3.37 counts the frames of a lost aggregate as attempts of each.
    Config::SetDefault("ns3::WifiRemoteStationManager::MaxSsrc", UintegerValue(1000000));
    Config::SetDefault("ns3::WifiRemoteStationManager::MaxSlrc", UintegerValue(1000000));
    Config::SetDefault("ns3::WifiMacQueue::MaxSize", StringValue("400p"));
    Config::SetDefault("ns3::WifiMacQueue::MaxDelay", TimeValue(Seconds(1000)));
    Config::SetDefault("ns3::QosTxop::UseExplicitBarAfterMissedBlockAck", BooleanValue(false));
    Config::SetDefault("ns3::WifiPhy::ChannelSettings",
                       StringValue("{0, " + std::to_string(standard == "11b" ? 22 : widthMHz) + ", BAND_" +
                                   (isLow ? "2_4GHZ" : "5GHZ") + ", 0}"));

    NodeContainer nodes;
    nodes.Create(stations + 1);
    MobilityHelper mobility;
    mobility.SetMobilityModel("ns3::ConstantPositionMobilityModel");
    mobility.Install(nodes);

    YansWifiChannelHelper channel;
    channel.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
    channel.AddPropagationLoss("ns3::FixedRssLossModel", "Rss", DoubleValue(-40));
    YansWifiPhyHelper phy;
    phy.SetChannel(channel.Create());
    phy.DisablePreambleDetectionModel();
    // Of two frames at once none is received; by ns-3's default model of 802.11a's lowest rate one of forty is.
    phy.SetErrorRateModel("ns3::NistErrorRateModel");
    phy.Set("Antennas", UintegerValue(streams));
    phy.Set("MaxSupportedTxSpatialStreams", UintegerValue(streams));
    phy.Set("MaxSupportedRxSpatialStreams", UintegerValue(streams));

    WifiHelper wifi;
    wifi.SetStandard(standard == "11a"   ? WIFI_STANDARD_80211a
                     : standard == "11b" ? WIFI_STANDARD_80211b
                     : standard == "11g" ? WIFI_STANDARD_80211g
                     : standard == "11n" ? WIFI_STANDARD_80211n
                                         : WIFI_STANDARD_80211ax);
    wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                 "DataMode", StringValue(mode),
                                 "ControlMode", StringValue(standard == "11b" ? "DsssRate1Mbps" : isLow ? "ErpOfdmRate6Mbps" : "OfdmRate6Mbps"));
    WifiMacHelper mac;
    mac.SetType("ns3::AdhocWifiMac", "BE_MaxAmpduSize", UintegerValue(aggregateBytes), "BE_MaxAmsduSize", UintegerValue(0));
    NetDeviceContainer devices = wifi.Install(phy, mac, nodes);
    wifi.AssignStreams(devices, 100);
    for (uint32_t at = 0; at <= stations; at++)
    {
        Ptr<WifiNetDevice> device = DynamicCast<WifiNetDevice>(devices.Get(at));
        // Without stations of 802.11b slots are short; ns-3 decides that at association only.
        if (standard == "11g")
            device->GetPhy()->SetSlot(MicroSeconds(9));
        if (device->GetHtConfiguration())
            device->GetHtConfiguration()->SetShortGuardIntervalSupported(guardNs == 400);
        if (device->GetHeConfiguration())
            device->GetHeConfiguration()->SetGuardInterval(NanoSeconds(guardNs));
    }

    Reports reports;
    PacketSocketHelper sockets;
    sockets.Install(nodes);
    for (uint32_t at = 0; at < stations; at++)
    {
        PacketSocketAddress to;
        to.SetSingleDevice(devices.Get(at)->GetIfIndex());
        to.SetPhysicalAddress(devices.Get(stations)->GetAddress());
        to.SetProtocol(1);
        Ptr<PacketSocketClient> client = CreateObject<PacketSocketClient>();
        client->SetRemote(to);
        client->SetAttribute("PacketSize", UintegerValue(packetBytes));
        client->SetAttribute("MaxPackets", UintegerValue(0));
        client->SetAttribute("Interval", TimeValue(MicroSeconds(intervalUs)));
        client->SetStartTime(MicroSeconds(137 * at));
        nodes.Get(at)->AddApplication(client);
        Ptr<WifiNetDevice> device = DynamicCast<WifiNetDevice>(devices.Get(at));
        device->GetPhy()->RegisterListener(&reports);
        device->GetPhy()->TraceConnectWithoutContext("PhyTxBegin", MakeBoundCallback(&Sent, at));
    }
    PacketSocketAddress at;
    at.SetSingleDevice(devices.Get(stations)->GetIfIndex());
    at.SetProtocol(1);
    Ptr<PacketSocketServer> server = CreateObject<PacketSocketServer>();
    server->SetLocal(at);
    server->TraceConnectWithoutContext("Rx", MakeCallback(&Received));
    nodes.Get(stations)->AddApplication(server);

    Simulator::Schedule(Seconds(warmS), &Begin);
    Simulator::Stop(Seconds(warmS + seconds));
    Simulator::Run();
    std::cout << delivered << "," << sent << "," << captured << "," << listened << "," << errors
              << std::endl;
    Simulator::Destroy();
    return 0;
}
