/* The star on ns-3 as its users would build it: star_ns3_udp GATEWAYS DEVICES SEED SCHEDULER
 *
 * DEVICES is for each PN GW, 128 at the most. Each device, each PN GW and the server is a node with IPv4; the links
 * are point-to-point with error models at both ends; devices and the server are applications with UDP sockets. Routes
 * are static, addresses are given by hand, and there are no queueing disciplines: the helpers for that take far
 * longer, and make each packet dearer. A channel's delay is fixed, so a device's PAN latency is drawn once, and the
 * WAN's is always the mean of 40 ms: the same means. Draws are ns-3's own. */
#include <array>
#include <cstring>
#include <deque>

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>

#include "peer.hh"

using namespace ns3;
using namespace peer::star;

static constexpr uint16_t kPort = 5683;
static constexpr uint32_t kHeaders = 2 + 20 + 8; /* PPP, IPv4, UDP */

static Tally g_tally;

static Ptr<Packet> PacketOf(Message message)
{
	std::array<uint8_t, kOctets - kHeaders> octets{};

	std::memcpy(octets.data(), &message, sizeof message);
	return Create<Packet>(octets.data(), octets.size());
}

static Message MessageIn(Ptr<const Packet> packet)
{
	Message message;

	packet->CopyData(reinterpret_cast<uint8_t *>(&message), sizeof message);
	return message;
}

class ServerApplication : public Application
{
      public:
	explicit ServerApplication(Time service) : m_service(CreateObject<ExponentialRandomVariable>())
	{
		m_service->SetAttribute("Mean", DoubleValue(service.GetSeconds()));
	}

      private:
	struct Job {
		Message message;
		Address from;
	};

	void StartApplication() override
	{
		m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
		m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), kPort));
		m_socket->SetRecvCallback(MakeCallback(&ServerApplication::Receive, this));
	}

	void Receive(Ptr<Socket> socket)
	{
		Address from;

		while (Ptr<Packet> packet = socket->RecvFrom(from)) {
			Job job{MessageIn(packet), from};

			if (m_busy == kWorkers) {
				m_queue.push_back(job);
			} else {
				m_busy++;
				Serve(job);
			}
		}
	}

	void Serve(const Job &job)
	{
		Simulator::Schedule(Seconds(m_service->GetValue()), &ServerApplication::Served, this, job);
	}

	void Served(Job job)
	{
		m_socket->SendTo(PacketOf(job.message), 0, job.from);
		if (m_queue.empty()) {
			m_busy--;
		} else {
			Serve(m_queue.front());
			m_queue.pop_front();
		}
	}

	Ptr<ExponentialRandomVariable> m_service;
	Ptr<Socket> m_socket;
	std::deque<Job> m_queue;
	unsigned m_busy = 0;
};

class DeviceApplication : public Application
{
      public:
	DeviceApplication(uint32_t number, Ipv4Address server) : m_number(number), m_server(server)
	{
	}

      private:
	void StartApplication() override
	{
		m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
		m_socket->Bind();
		m_socket->Connect(InetSocketAddress(m_server, kPort));
		m_socket->SetRecvCallback(MakeCallback(&DeviceApplication::Receive, this));
		Begin();
	}

	void Begin()
	{
		m_attempt = 0;
		m_since = Simulator::Now();
		Ask();
	}

	void Ask()
	{
		m_socket->Send(PacketOf({m_number, m_transaction, m_attempt}));
		m_timer =
		    Simulator::Schedule(NanoSeconds(kFirstTimeout << m_attempt), &DeviceApplication::TimeOut, this);
	}

	void GoOn()
	{
		if (++m_transaction < kTransactions)
			Begin();
	}

	void TimeOut()
	{
		if (m_attempt + 1u < kTries) {
			m_attempt++;
			g_tally.retransmissions++;
			Ask();
		} else {
			g_tally.failed++;
			GoOn();
		}
	}

	void Receive(Ptr<Socket> socket)
	{
		while (Ptr<Packet> packet = socket->Recv()) {
			if (MessageIn(packet).transaction != m_transaction)
				continue;
			m_timer.Cancel();
			g_tally.Answered((Simulator::Now() - m_since).GetNanoSeconds());
			GoOn();
		}
	}

	uint32_t m_number;
	Ipv4Address m_server;
	Ptr<Socket> m_socket;
	Time m_since;
	EventId m_timer;
	uint16_t m_transaction = 0, m_attempt = 0;
};

class Star
{
      public:
	Star(uint32_t gateways, uint32_t devices)
	    : m_server(1), m_gateways(gateways), m_devices(gateways * devices), m_devices_per_gateway(devices)
	{
		InstallStacks();
		m_server.Get(0)->AddApplication(
		    CreateObject<ServerApplication>(Seconds(Service(gateways * devices) / kSecond)));
		for (uint32_t g = 0; g < gateways; g++) {
			ConnectGateway(g);
			for (uint32_t d = 0; d < devices; d++)
				ConnectDevice(g, d);
		}
	}

	void Run()
	{
		g_tally.Begin();
		Simulator::Run();
		g_tally.End();
		g_tally.events = Simulator::GetEventCount();
		g_tally.Report(m_devices.GetN());
	}

      private:
	/* The network 192.168.0.0/16 is the WAN, with a /30 for each PN GW; of 10.0.0.0/8 each PN GW has a /23, with
	 * a /30 for each device. */
	static constexpr uint32_t kWanNetwork = 0xc0a80000, kPanNetwork = 0x0a000000, kSubnet = 4, kPanSize = 512;

	static Ipv4Address Wan(uint32_t gateway, uint32_t host)
	{
		return Ipv4Address(kWanNetwork + gateway * kSubnet + host);
	}

	static Ipv4Address Pan(uint32_t gateway, uint32_t device, uint32_t host)
	{
		return Ipv4Address(kPanNetwork + gateway * kPanSize + device * kSubnet + host);
	}

	void InstallStacks()
	{
		InternetStackHelper stack;
		Ipv4StaticRoutingHelper routing;

		stack.SetRoutingHelper(routing);
		stack.SetIpv6StackInstall(false);
		stack.Install(m_server);
		stack.Install(m_gateways);
		stack.Install(m_devices);
	}

	static Ptr<Ipv4StaticRouting> Routes(Ptr<Node> node)
	{
		return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
	}

	/* Connects the nodes by a link, and gives them addresses. Returns the number of the interface of `a`. */
	static uint32_t Connect(const Link &link, const char *rate, Time delay, Ptr<Node> a, Ipv4Address address_a,
				Ptr<Node> b, Ipv4Address address_b)
	{
		PointToPointHelper helper;

		helper.SetDeviceAttribute("DataRate", StringValue(rate));
		helper.SetChannelAttribute("Delay", TimeValue(delay));
		NetDeviceContainer ends = helper.Install(a, b);
		uint32_t interface = Attach(a, ends.Get(0), address_a, link.loss);

		Attach(b, ends.Get(1), address_b, link.loss);
		return interface;
	}

	static uint32_t Attach(Ptr<Node> node, Ptr<NetDevice> device, Ipv4Address address, double loss)
	{
		Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
		uint32_t interface = ipv4->AddInterface(device);
		Ptr<RateErrorModel> errors = CreateObject<RateErrorModel>();

		errors->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
		errors->SetRate(loss);
		device->SetAttribute("ReceiveErrorModel", PointerValue(errors));
		ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask("/30")));
		ipv4->SetUp(interface);
		return interface;
	}

	void ConnectGateway(uint32_t g)
	{
		Ptr<Node> server = m_server.Get(0);
		uint32_t interface = Connect(kWan, "10Mbps", NanoSeconds(kWan.latency + kWan.spread / 2), server,
					     Wan(g, 1), m_gateways.Get(g), Wan(g, 2));

		Routes(server)->AddNetworkRouteTo(Pan(g, 0, 0), Ipv4Mask("/23"), Wan(g, 2), interface);
	}

	void ConnectDevice(uint32_t g, uint32_t d)
	{
		Ptr<Node> device = m_devices.Get(g * m_devices_per_gateway + d);
		Time latency = NanoSeconds(kPan.latency + m_random->GetInteger(0, kPan.spread));
		uint32_t interface =
		    Connect(kPan, "1Mbps", latency, device, Pan(g, d, 2), m_gateways.Get(g), Pan(g, d, 1));
		Ptr<DeviceApplication> application = CreateObject<DeviceApplication>(device->GetId(), Wan(g, 1));

		Routes(device)->SetDefaultRoute(Pan(g, d, 1), interface);
		application->SetStartTime(Seconds(m_random->GetValue(0, kStartWithin / kSecond)));
		device->AddApplication(application);
	}

	NodeContainer m_server, m_gateways, m_devices;
	uint32_t m_devices_per_gateway;
	Ptr<UniformRandomVariable> m_random = CreateObject<UniformRandomVariable>();
};

int main(int argc, char **argv)
{
	peer::Arguments arguments(argc, argv, "star_ns3_udp GATEWAYS DEVICES SEED SCHEDULER", 4);
	ObjectFactory scheduler;

	scheduler.SetTypeId("ns3::" + arguments.Word(4) + "Scheduler");
	Simulator::SetScheduler(scheduler);
	RngSeedManager::SetSeed(arguments.Number(3));
	Star star(arguments.Number(1), arguments.Number(2));
	star.Run();
	return 0;
}
